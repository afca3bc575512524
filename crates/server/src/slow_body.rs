//! A body that comes too slowly is given up (R158). The head has a limit of its own in the server.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    HttpMessage as _,
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    web::Bytes,
};
use futures::Stream;
use tokio::time::{Instant, Sleep, sleep};

/// How long a body may take that brings nothing.
const GRACE: Duration = Duration::from_secs(10);
/// For so many bytes there is a second more.
const A_SECOND: usize = 16 * 1024;

/// Puts the limit around the body of a request.
pub(crate) fn limit(request: &mut ServiceRequest) {
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return;
    }
    let body = Paced { payload, began: Instant::now(), came: 0, end: Box::pin(sleep(GRACE)) };
    request.set_payload(Payload::Stream { payload: Box::pin(body) });
}

struct Paced {
    payload: Payload,
    began: Instant,
    came: usize,
    end: Pin<Box<Sleep>>,
}

impl Stream for Paced {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match Pin::new(&mut self.payload).poll_next(context) {
            Poll::Ready(Some(Ok(bytes))) => {
                self.came += bytes.len();
                let end = self.began + allowed(self.came);
                self.end.as_mut().reset(end);
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Pending if self.end.as_mut().poll(context).is_ready() => {
                let late = io::Error::new(io::ErrorKind::TimedOut, "the body came too slowly");
                Poll::Ready(Some(Err(PayloadError::Io(late))))
            }
            other => other,
        }
    }
}

/// How long it may have taken to bring so much.
fn allowed(came: usize) -> Duration {
    GRACE + Duration::from_secs((came / A_SECOND) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R158
    #[test]
    fn only_bytes_that_come_give_time() {
        assert_eq!(allowed(0), GRACE);
        assert_eq!(allowed(A_SECOND - 1), GRACE, "a byte now and then gives none");
        assert_eq!(allowed(64 * 1024), GRACE + Duration::from_secs(4));
    }
}
