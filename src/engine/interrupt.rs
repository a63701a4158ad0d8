//! Whether the user has asked the run to stop.

use tokio::sync::watch;

/// Once raised, nothing new is started; calls in flight have the time that the executor leaves them.
#[derive(Clone, Debug)]
pub struct Interrupt {
    raised: watch::Receiver<bool>,
}

/// The side that raises it. Dropping it without a word means that no interrupt will come.
#[derive(Debug)]
pub struct Raise(watch::Sender<bool>);

impl Raise {
    pub fn raise(&self) {
        self.0.send_replace(true);
    }
}

impl Interrupt {
    #[must_use]
    pub fn new() -> (Raise, Self) {
        let (sender, raised) = watch::channel(false);
        (Raise(sender), Self { raised })
    }

    #[must_use]
    pub fn is_raised(&self) -> bool {
        *self.raised.borrow()
    }

    /// Completes when the interrupt is raised, never if it is not.
    pub async fn raised(&self) {
        let mut raised = self.raised.clone();
        if raised.wait_for(|raised| *raised).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
