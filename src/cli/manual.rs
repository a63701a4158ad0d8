//! `completions` and `man`: what shells and readers want to know of the command line, made from its definition.

use crate::cli::args::Arguments;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Stop};
use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

const NAME: &str = "aws-ecs-cluster";

pub fn completions(shell: Shell, console: &Console) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut script);
    console.data(&String::from_utf8_lossy(&script));
    Exit::Done
}

/// One page for all commands: whoever reads it wants to search it.
pub fn page(console: &Console) -> Result<Exit, Stop> {
    let text = written().context("could not write the manual page")?;
    console.data(&String::from_utf8_lossy(&text));
    Ok(Exit::Done)
}

fn written() -> std::io::Result<Vec<u8>> {
    let mut command = Arguments::command();
    command.build();
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
    roff.control("SH", ["USAGE"]);
    as_it_is(&command, &mut roff);
    roff.to_writer(&mut page)?;
    Ok(page)
}

/// What `--help` says of one command, under a heading of its own.
fn chapter(command: &clap::Command, roff: &mut Roff) {
    roff.control("SH", [command.get_name().to_uppercase().as_str()]);
    roff.text([roman(command.get_about().map(ToString::to_string).unwrap_or_default())]);
    for argument in command.get_arguments().filter(|argument| !argument.is_global_set() && argument.get_id() != "help") {
        roff.control("TP", []);
        roff.text([bold(argument.to_string())]);
        roff.text([roman(argument.get_help().map(ToString::to_string).unwrap_or_default())]);
    }
    roff.control("PP", []);
    as_it_is(command, roff);
}

/// Examples are not filled into paragraphs.
fn as_it_is(command: &clap::Command, roff: &mut Roff) {
    roff.control("nf", []);
    for line in command.get_after_help().map(ToString::to_string).unwrap_or_default().lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
}
