//! The frame of the simulator's pages: plain HTML without script, one small style sheet.

use actix_web::HttpResponse;

use crate::server::status;

/// Escapes text for HTML and XML.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A page; `body` is HTML whose parts were escaped by whoever made it.
pub(crate) fn page(code: u16, title: &str, body: &str) -> HttpResponse {
    let html = format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{}</title>
<link rel="stylesheet" href="/simulator/style.css">
</head>
<body>
<header class="bar"><span class="mark" aria-hidden="true"></span>
<a href="/outlook">Outlook</a> <small>simulated Microsoft&nbsp;365</small></header>
{body}
</body>
</html>
"#,
        escape(title)
    );
    HttpResponse::build(status(code))
        .content_type("text/html; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("X-Frame-Options", "DENY"))
        .insert_header((
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
        ))
        .body(html)
}
