//! SIGINT and SIGTERM. They are heard in a thread of their own, since that of the run stands still where nobody takes what it writes.

use crate::cli::exit::Exit;
use aws_ecs_cluster::engine::execute::GRACE;
use aws_ecs_cluster::engine::interrupt::{Interrupt, Raise};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// What a run has beside the grace of its calls to tell how it ended. Whoever sends the signal waits about ten seconds before they kill.
const LAST_WORDS: Duration = Duration::from_millis(1500);

/// An interrupt that the first signal raises. The second one ends the process, and so does a run that has not ended in time by itself.
pub fn listen() -> Interrupt {
    let (raise, interrupt) = Interrupt::new();
    let (ready, heard) = channel();
    // Without a thread or its runtime, signals do what they do by themselves: they end the process.
    let listening = std::thread::Builder::new().spawn(move || hear(&raise, &ready));
    if listening.is_ok() {
        // It fails where the thread could not listen.
        let _ = heard.recv();
    }
    interrupt
}

#[expect(clippy::exit, reason = "nobody else can end a run that stands still")]
fn hear(raise: &Raise, ready: &Sender<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    runtime.block_on(async {
        let (Ok(mut interrupted), Ok(mut terminated)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
            return;
        };
        let mut next = async || {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
        };
        let _ = ready.send(());
        next().await;
        raise.raise();
        let _ = tokio::time::timeout(GRACE + LAST_WORDS, next()).await;
        std::process::exit(Exit::Interrupted as i32);
    });
}
