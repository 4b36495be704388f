//! The command line of the package: see `cargo run -p book -- --help`.

use std::env;
use std::process::ExitCode;

use clap::error::ErrorKind;

fn main() -> ExitCode {
    let command = match book::command_line::parse(env::args_os()) {
        Ok(command) => command,
        Err(help) if help.kind() == ErrorKind::DisplayHelp => {
            println!("{}", help.to_string().trim_end());
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let message = book::command_line::one_line(&error);
            eprintln!("book: {message} (see --help)");
            return ExitCode::from(2);
        }
    };
    match book::execute(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("book: {error:#}");
            ExitCode::FAILURE
        }
    }
}
