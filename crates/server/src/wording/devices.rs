//! Browsers by their names. What a browser says of itself is a hint for its owner, nothing more.

/// "Edge on Windows".
pub(crate) fn name(user_agent: &str) -> String {
    let first = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    // The order matters: Edge says that it is Chrome, and Chrome that it is Safari.
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => "A browser".to_owned(),
    }
}

/// Whether a page is shown inside an app, by an engine that knows no passkeys: old Office and Internet
/// Explorer, web views of Android, and those of iPhones and iPads, which don't say that they are Safari.
/// Whoever isn't recognised is asked by script (`web/static/passkeys.js`).
pub(crate) fn is_embedded(user_agent: &str) -> bool {
    const MARKS: [&str; 6] = ["Trident/", "MSIE ", "; wv)", "Microsoft Office/", "FBAN/", "FBAV/"];
    let apple = ["iPhone", "iPad"].iter().any(|mark| user_agent.contains(mark));
    let in_view = apple && user_agent.contains("AppleWebKit/") && !user_agent.contains("Safari/");
    in_view || MARKS.iter().any(|mark| user_agent.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// pages.md, rule 13
    #[test]
    fn engines_inside_apps_are_known_by_what_they_say() {
        for (user_agent, embedded) in [
            ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", true),
            ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16.0)", true),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Version/4.0 Chrome/131.0 Mobile Safari/537.36",
                true,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, \
                 like Gecko) Mobile/15E148",
                true,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, \
                 like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                false,
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) \
                 Chrome/131.0 Mobile Safari/537.36",
                false,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
                false,
            ),
            ("", false),
        ] {
            assert_eq!(is_embedded(user_agent), embedded, "{user_agent}");
        }
    }

    #[test]
    fn browsers_are_known_by_what_they_say() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like \
                    Gecko) Chrome/131.0 Safari/537.36 Edg/131.0";
        assert_eq!(name(edge), "Edge on Windows");
        let iphone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
        assert_eq!(name(iphone), "Safari on iPhone");
        assert_eq!(name("curl/8"), "A browser");
    }
}
