//! The command `aws-ecs-cluster`: arguments in, exit status out.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod cli;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = cli::args::Arguments::parse();
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
