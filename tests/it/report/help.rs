//! The help of every command, the completions and the manual page.

use super::golden::assert_golden;
use std::process::Command;

pub const COMMANDS: [&str; 9] = ["validate", "plan", "provision", "decommission", "artifact", "iam-policy", "schema", "completions", "man"];
/// Those that read no inputs and call nobody.
pub const APART: [&str; 4] = ["iam-policy", "schema", "completions", "man"];
const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// What the command prints, which has to end well.
fn printed(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_aws-ecs-cluster")).env_clear().args(args).output().expect("the binary");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_help_of_every_command_is_known() {
    let mut all = printed(&["--help"]);
    for command in COMMANDS {
        all += &format!("\n==== {command}\n\n{}", printed(&[command, "--help"]));
    }
    assert_golden("help.txt", &all);
}

#[test]
fn every_command_has_examples_in_its_help() {
    let listed = printed(&["--help"]);
    for command in COMMANDS {
        assert!(listed.contains(&format!("\n  {command} ")), "{command} is not listed");
        assert!(printed(&[command, "--help"]).contains("Examples:\n  aws-ecs-cluster "), "{command} has no examples");
    }
}

#[test]
fn an_example_can_be_pasted_with_what_is_said_of_it() {
    for command in std::iter::once(None).chain(COMMANDS.map(Some)) {
        let help = printed(&command.into_iter().chain(["--help"]).collect::<Vec<_>>());
        for line in help.lines().filter(|line| line.starts_with("  aws-ecs-cluster ")) {
            let typed = line.split(" # ").next().unwrap_or_default();
            assert!(!typed.trim().contains("  ") && !typed.contains('?'), "no comment as a shell knows it: {line}");
        }
    }
}

#[test]
fn options_that_mean_nothing_to_a_command_are_not_in_its_help_and_refused() {
    for command in APART {
        let help = printed(&[command, "--help"]);
        assert!(!help.contains("--trace-calls") && !help.contains("--dir") && help.contains("--output"), "{help}");
    }
    assert!(printed(&["plan", "--help"]).contains("--trace-calls"));
    for args in [["iam-policy", "--dir", "."], ["--dir", ".", "iam-policy"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_aws-ecs-cluster")).args(args).output().expect("the binary");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.starts_with("error: `--dir` means nothing to `iam-policy`"), "{said}");
    }
}

#[test]
fn the_shape_of_terraform_s_plans_is_offered_by_the_command_that_plans_alone() {
    for command in COMMANDS {
        let help = printed(&[command, "--help"]);
        assert_eq!(help.contains("terraform-plan"), command == "plan", "{help}");
    }
    assert!(printed(&["plan", "--output", "terraform-plan", "--help"]).contains("Exit status: 0 there is a plan"));
}

#[test]
fn every_shell_gets_completions_of_every_command() {
    for shell in SHELLS {
        let script = printed(&["completions", shell]);
        let missing: Vec<&str> = COMMANDS.into_iter().filter(|command| !script.contains(command)).collect();
        assert!(missing.is_empty(), "{shell} does not know {missing:?}");
    }
}

#[test]
fn the_manual_page_has_a_chapter_for_every_command() {
    let page = printed(&["man"]);
    assert!(page.contains(".TH aws-ecs-cluster 1"), "{page}");
    for command in COMMANDS {
        assert!(page.contains(&format!(".SH {}\n", command.to_uppercase())), "no chapter on {command}\n{page}");
    }
    for section in ["COMMON OPTIONS", "EXAMPLES", "EXIT STATUS", "ENVIRONMENT"] {
        assert!(
            page.contains(&format!("\n.SH \"{section}\"\n")) || page.contains(&format!("\n.SH {section}\n")),
            "no section {section}\n{page}"
        );
    }
    for known in ["[possible values: bash, elvish", "[default: aws]", "NO_COLOR, CI", "MASSDRIVER_URL", "AWS_PROFILE"] {
        assert!(page.contains(&known.replace('-', "\\-")), "no word on {known}\n{page}");
    }
    for option in ["detailed\\-exitcode", "no\\-wait\\-for\\-nodes", "trace\\-calls"] {
        assert!(page.contains(option), "no word on {option}");
    }
}
