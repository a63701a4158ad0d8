//! `completions` and `man`: what shells and readers want to know of the command line, made from its definition.

use crate::cli::args::{CREDENTIALS, EXAMPLES, EXIT_STATUS, definition};
use crate::cli::console::Console;
use crate::cli::converging::DEFAULT_URL;
use crate::cli::exit::{Exit, Stop};
use anyhow::Context;
use clap::Arg;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

const NAME: &str = "aws-ecs-cluster";

pub fn completions(shell: Shell, console: &Console) -> Result<Exit, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut definition(), NAME, &mut script);
    console.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

/// One page for all commands: whoever reads it wants to search it.
pub fn page(console: &Console) -> Result<Exit, Stop> {
    let text = written().context("could not write the manual page")?;
    console.data(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}

fn written() -> std::io::Result<Vec<u8>> {
    let command = definition();
    let mut page = Vec::new();
    let manual = Man::new(command.clone());
    manual.render_title(&mut page)?;
    manual.render_name_section(&mut page)?;
    manual.render_synopsis_section(&mut page)?;
    manual.render_description_section(&mut page)?;
    manual.render_options_section(&mut page)?;
    let mut roff = Roff::new();
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        chapter(subcommand, &mut roff);
    }
    roff.control("SH", ["EXAMPLES"]);
    as_it_is(EXAMPLES, &mut roff);
    roff.control("SH", ["EXIT STATUS"]);
    as_it_is(EXIT_STATUS, &mut roff);
    roff.control("SH", ["ENVIRONMENT"]);
    for (variables, meaning) in environment() {
        entry(variables, &meaning, &mut roff);
    }
    roff.to_writer(&mut page)?;
    Ok(page)
}

/// What `--help` says of one command, under a heading of its own.
fn chapter(command: &clap::Command, roff: &mut Roff) {
    roff.control("SH", [command.get_name().to_uppercase().as_str()]);
    roff.text([roman(command.get_about().map(ToString::to_string).unwrap_or_default())]);
    for argument in command.get_arguments().filter(|argument| !argument.is_global_set() && argument.get_id() != "help") {
        entry(&argument.to_string(), &meaning(argument), roff);
    }
    roff.control("PP", []);
    as_it_is(&command.get_after_help().map(ToString::to_string).unwrap_or_default(), roff);
}

/// What the help says of an argument, with the value that it has when it is not given and those that it can have.
fn meaning(argument: &Arg) -> String {
    let mut parts: Vec<String> = argument.get_help().map(ToString::to_string).into_iter().collect();
    if argument.get_action().takes_values() {
        let default: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        let possible: Vec<_> = argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        parts.extend((!default.is_empty()).then(|| format!("[default: {}]", default.join(", "))));
        parts.extend((!possible.is_empty()).then(|| format!("[possible values: {}]", possible.join(", "))));
    }
    parts.join(" ")
}

/// Every variable that is read, and what for.
fn environment() -> [(&'static str, String); 8] {
    let plain = "no colours and no tree that moves, but plain lines with the date";
    [
        ("MASSDRIVER_DEPLOYMENT_ACTION", "What to do where no command is given: plan, provision or decommission.".to_owned()),
        (
            "MASSDRIVER_TOKEN, MASSDRIVER_DEPLOYMENT_ID",
            "With both, provision publishes the artifact on the platform and decommission deletes it from there. A token alone is an error.".to_owned(),
        ),
        ("MASSDRIVER_URL", format!("Where the platform is. [default: {DEFAULT_URL}]")),
        ("NO_COLOR, CI", format!("When one of them is set and not empty: {plain}.")),
        ("TERM", format!("When it is dumb: {plain}. When it is not set: no tree.")),
        ("AWS_*", CREDENTIALS.replace('\n', " ")),
        (
            "HTTPS_PROXY, ALL_PROXY, NO_PROXY",
            "The proxy for calls to AWS, and the hosts that are called without it. What is sent in clear, which goes no further than this machine and its link, and calls to Massdriver go through no proxy.".to_owned(),
        ),
        ("SSL_CERT_FILE, SSL_CERT_DIR", "The certificate authorities to trust instead of those of the system.".to_owned()),
    ]
}

fn entry(term: &str, meaning: &str, roff: &mut Roff) {
    roff.control("TP", []);
    roff.text([bold(term)]);
    roff.text([roman(meaning)]);
}

/// Examples are not filled into paragraphs.
fn as_it_is(text: &str, roff: &mut Roff) {
    roff.control("nf", []);
    for line in text.lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
}
