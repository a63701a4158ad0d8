//! The command `aws-ecs-cluster`: arguments in, exit status out.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod cli;

use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;

fn main() -> ExitCode {
    panic::set_hook(Box::new(|panicked| eprintln!("{}", defect(panicked))));
    let arguments = match cli::args::Arguments::given() {
        Ok(arguments) => arguments,
        Err(misuse) => return cli::misused(&misuse).into(),
    };
    match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => {
            let exit = runtime.block_on(cli::run(arguments));
            // A name lookup that hangs in its own thread must not hold up the end.
            runtime.shutdown_background();
            exit.into()
        }
        Err(error) => {
            eprintln!("error: the operating system gives no resources to run in: {error}");
            cli::exit::Exit::Failed.into()
        }
    }
}

/// What is said of a panic: where it is, and not what it says, since that may quote what must not be shown.
fn defect(panicked: &PanicHookInfo<'_>) -> String {
    let place = panicked.location().map(ToString::to_string).unwrap_or_default();
    format!("error: this is a defect of aws-ecs-cluster, at {place}\nplease report it; running again goes on from where this run ended")
}
