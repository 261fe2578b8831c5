//! Being told to stop: by Ctrl-C, by a CI system, or by a terminal that goes away.

use std::{thread, time::Duration};

use tokio::sync::watch;

/// How long after the first signal the process ends, come what may. A CI system kills a few seconds later: GitHub's
/// runner 7.5 s after SIGINT.
const LIMIT: Duration = Duration::from_millis(4_900);

/// A signal that ends the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Hangup,
    Interrupt,
    Terminate,
}

impl Signal {
    /// The number that POSIX gives it.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Hangup => 1,
            Self::Interrupt => 2,
            Self::Terminate => 15,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hangup => "SIGHUP",
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }

    /// The exit code of a process that it ended.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        128 + self.number()
    }
}

/// The first signal that came, for everyone who wants to know.
#[derive(Debug, Clone)]
pub struct Signals(watch::Receiver<Option<Signal>>);

impl Signals {
    /// Signals that come when the sender says so.
    #[must_use]
    pub fn scripted() -> (watch::Sender<Option<Signal>>, Self) {
        let (sender, receiver) = watch::channel(None);
        (sender, Self(receiver))
    }

    /// The signals of this process. The first one is told; a second one, or the passing of [`LIMIT`], ends the process
    /// at once, but for `farewell`. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// If the system does not let the process handle its signals.
    pub fn of_process(farewell: impl Fn() + Clone + Send + 'static) -> std::io::Result<Self> {
        let (sender, signals) = Self::scripted();
        let mut incoming = Incoming::new()?;
        tokio::spawn(async move {
            let first = incoming.next().await;
            let last = farewell.clone();
            thread::spawn(move || {
                thread::sleep(LIMIT);
                last();
                std::process::exit(first.exit_code().into());
            });
            sender.send_replace(Some(first));
            let second = incoming.next().await;
            farewell();
            std::process::exit(second.exit_code().into());
        });
        Ok(signals)
    }

    /// The signal, if one has come.
    #[must_use]
    pub fn seen(&self) -> Option<Signal> {
        *self.0.borrow()
    }

    /// Waits for the first signal; for ever, if none can come any more.
    pub async fn first(&self) -> Signal {
        let mut receiver = self.0.clone();
        match receiver.wait_for(Option::is_some).await {
            Ok(signal) => signal.expect("waited for"),
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(unix)]
struct Incoming {
    hangup: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Incoming {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.hangup.recv() => Signal::Hangup,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(windows)]
struct Incoming {
    interrupt: tokio::signal::windows::CtrlC,
    terminate: tokio::signal::windows::CtrlBreak,
    close: tokio::signal::windows::CtrlClose,
}

#[cfg(windows)]
impl Incoming {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};
        Ok(Self {
            interrupt: ctrl_c()?,
            terminate: ctrl_break()?,
            close: ctrl_close()?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.close.recv() => Signal::Hangup,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_signal_reaches_everyone() {
        let (sender, signals) = Signals::scripted();
        let other = signals.clone();
        assert_eq!(signals.seen(), None);
        sender.send_replace(Some(Signal::Terminate));
        assert_eq!(other.first().await.exit_code(), 143);
        assert_eq!(signals.seen(), Some(Signal::Terminate));
    }
}
