//! Streams of events, and what goes wrong with them.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::{Receiver, channel};

use crate::fault::FaultKind;

/// A stream as the fault lets it through, and whether it is cut off rather than ended.
pub fn hit(mut pieces: Receiver<Bytes>, fault: &FaultKind) -> (Receiver<Bytes>, bool) {
    let (send, receive) = channel(1);
    let kind = fault.clone();
    let breaks = matches!(kind, FaultKind::StreamBreakMidLine);
    tokio::spawn(async move {
        let Some(first) = pieces.recv().await else {
            return;
        };
        if send.send(first.clone()).await.is_err() {
            return;
        }
        match kind {
            FaultKind::StreamStall => send.closed().await,
            FaultKind::StreamEndless { ms } => {
                while send.send(first.clone()).await.is_ok() {
                    if ms > 0 {
                        tokio::time::sleep(Duration::from_millis(ms)).await;
                    }
                }
            }
            FaultKind::StreamBreakMidLine => {
                // The reader may have gone already.
                let _ = send.send(first.slice(..first.len() / 2)).await;
            }
            _ => {}
        }
    });
    (receive, breaks)
}
