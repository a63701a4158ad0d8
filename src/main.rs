//! The command `aws-ecs-cluster`: arguments in, exit status out.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod cli;

use aws_ecs_cluster::report::ending;
use std::panic::{self, PanicHookInfo};
use std::process::ExitCode;
use std::time::Instant;

/// How a process ends that panics: by a signal, or as Rust ends its main thread.
const PANICKED: u8 = if cfg!(panic = "abort") { 134 } else { 101 };

fn main() -> ExitCode {
    let began = Instant::now();
    panic::set_hook(Box::new(move |panicked| cli::last_word(began, PANICKED, ending::defect(&place(panicked)))));
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
            let exit = cli::exit::Exit::Failed;
            cli::last_word(began, exit as u8, ending::no_resources(&error.to_string()));
            exit.into()
        }
    }
}

fn place(panicked: &PanicHookInfo<'_>) -> String {
    panicked.location().map(ToString::to_string).unwrap_or_default()
}
