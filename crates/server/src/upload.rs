//! A form with a file. It is read only when the session was checked, within a limit and a time, and
//! is ours like any other form: by the browser's own word and by its token.

use std::{convert::Infallible, time::Duration};

use actix_web::{HttpRequest, http::header, web};
use futures::stream;
use multer::Multipart;
use url::form_urlencoded;

use crate::{
    csrf::{self, Form},
    error::Failure,
};

/// How long a file may take on its way.
const WITHIN: Duration = Duration::from_mins(2);
/// What a form may weigh beside its file.
const BESIDE: usize = 64 * 1024;

/// A form and its file.
pub(crate) struct Upload {
    /// The other fields.
    pub(crate) form: Form,
    /// What the file is called at home.
    pub(crate) file_name: String,
    /// What is in it; empty when none was chosen.
    pub(crate) content: Vec<u8>,
}

/// Reads a form whose field `file` may weigh up to `limit`.
pub(crate) async fn read(
    request: &HttpRequest,
    payload: web::Payload,
    limit: usize,
) -> Result<Upload, Failure> {
    csrf::check_origin(request)?;
    let body = tokio::time::timeout(WITHIN, payload.to_bytes_limited(limit + BESIDE));
    let body = body.await.map_err(|_| Failure::bad_input("The file took too long to arrive."))?;
    let too_large = "The file is too large. Split it into several files.";
    let body = body.map_err(|_| Failure::bad_input(too_large))?.map_err(|_| unreadable())?;
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if let Some(boundary) = kind.and_then(|kind| multer::parse_boundary(kind).ok()) {
        return parts(request, body, boundary).await;
    }
    let form = Form::checked(request, form_urlencoded::parse(&body).into_owned().collect())?;
    Ok(Upload { form, file_name: String::new(), content: Vec::new() })
}

async fn parts(
    request: &HttpRequest,
    body: web::Bytes,
    boundary: String,
) -> Result<Upload, Failure> {
    let whole = stream::iter([Ok::<_, Infallible>(body)]);
    let mut parts = Multipart::new(whole, boundary);
    let (mut pairs, mut file) = (Vec::new(), None);
    while let Some(part) = parts.next_field().await.map_err(|_| unreadable())? {
        let name = part.name().unwrap_or_default().to_owned();
        if name == "file" {
            let file_name = part.file_name().unwrap_or_default().to_owned();
            let content = part.bytes().await.map_err(|_| unreadable())?;
            if file.replace((file_name, content)).is_some() {
                return Err(Failure::bad_input("The form has two files."));
            }
        } else {
            pairs.push((name, part.text().await.map_err(|_| unreadable())?));
        }
    }
    let (file_name, content) = file.unwrap_or_default();
    Ok(Upload { form: Form::checked(request, pairs)?, file_name, content: content.to_vec() })
}

fn unreadable() -> Failure {
    Failure::bad_input("The form can't be read.")
}
