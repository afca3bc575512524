//! Every page in every state of its samples: well-formed, labelled, quiet, and readable.

use std::{collections::BTreeSet, fs, path::Path, sync::Arc};

use crate::html::{self, Element};
use server::{
    Assets,
    pages::{Chrome, Page, Templates, federation::AutoPost, gallery, sign_in},
};

fn web(folder: &str) -> String {
    format!("{}/../../web/{folder}", env!("CARGO_MANIFEST_DIR"))
}

fn templates() -> Templates {
    Templates::load(&Arc::new(Assets::load())).expect("every template compiles")
}

/// Applies a check to every page; the check says what is wrong.
fn each_page(check: impl Fn(&[Element]) -> Vec<String>) {
    let specimens = gallery::render_all(&templates()).expect("every sample renders");
    assert!(specimens.len() > 40, "the gallery has lost pages");
    for specimen in specimens {
        let elements = html::read(&specimen.html).map_err(|wrong| vec![wrong]);
        let wrong = elements.map_or_else(|wrong| wrong, |elements| check(&elements));
        assert!(wrong.is_empty(), "{}: {}", specimen.name, wrong.join("; "));
    }
}

fn named<'a>(elements: &'a [Element], name: &'a str) -> impl Iterator<Item = &'a Element> {
    elements.iter().filter(move |element| element.is(name))
}

/// What is wrong with the elements for which `bad` holds.
fn all_but(elements: &[Element], what: &str, bad: impl Fn(&Element) -> bool) -> Vec<String> {
    let bad = elements.iter().filter(|element| bad(element));
    bad.map(|element| format!("{what}: <{} {:?}>", element.name, element.attributes)).collect()
}

#[test]
fn every_page_is_well_formed_and_says_its_language_and_title() {
    each_page(|page| {
        let lang = named(page, "html").any(|root| root.get("lang") == Some("en"));
        let title = named(page, "title").any(|title| title.text.trim().len() > 8);
        let mut wrong = Vec::new();
        wrong.extend((!lang).then(|| "no language".to_owned()));
        wrong.extend((!title).then(|| "no title".to_owned()));
        wrong
    });
}

#[test]
fn every_page_has_exactly_one_main_heading_inside_main() {
    each_page(|page| {
        let headings: Vec<_> = named(page, "h1").collect();
        let inside = headings.iter().all(|h1| h1.parents.iter().any(|parent| parent == "main"));
        let fine = headings.len() == 1 && inside && !headings[0].text.trim().is_empty();
        (!fine).then(|| format!("{} main headings", headings.len())).into_iter().collect()
    });
}

#[test]
fn every_input_has_a_label() {
    each_page(|page| {
        let labelled: BTreeSet<_> = named(page, "label").filter_map(|it| it.get("for")).collect();
        let inputs = ["input", "select", "textarea"];
        all_but(page, "no label", |it| {
            inputs.contains(&it.name.as_str())
                && it.get("type") != Some("hidden")
                && !it.parents.iter().any(|parent| parent == "label")
                && !it.get("id").is_some_and(|id| labelled.contains(id))
        })
    });
}

#[test]
fn every_id_is_used_once_and_every_reference_finds_one() {
    each_page(|page| {
        let ids: Vec<_> = page.iter().filter_map(|it| it.get("id")).collect();
        let unique: BTreeSet<_> = ids.iter().copied().collect();
        let mut wrong = Vec::new();
        wrong.extend((ids.len() != unique.len()).then(|| format!("ids repeat: {ids:?}")));
        for reference in ["for", "aria-labelledby", "aria-describedby", "aria-controls"] {
            wrong.extend(all_but(page, "dangling", |it| {
                it.get(reference).is_some_and(|id| !unique.contains(id))
            }));
        }
        wrong
    });
}

#[test]
fn every_form_that_changes_something_carries_the_csrf_token() {
    each_page(|page| {
        let posts = named(page, "form").filter(|it| it.get("method") == Some("post"));
        let ours = posts.filter(|it| it.get("action").is_some_and(|url| url.starts_with('/')));
        let tokens = named(page, "input").filter(|it| it.get("name") == Some("csrf"));
        let (ours, tokens) = (ours.count(), tokens.count());
        (ours != tokens).then(|| format!("{ours} forms, {tokens} tokens")).into_iter().collect()
    });
}

/// R064
#[test]
fn no_page_has_inline_handlers_or_styles() {
    each_page(|page| {
        all_but(page, "inline", |it| {
            it.is("style")
                || it.attributes.keys().any(|key| key == "style" || key.starts_with("on"))
        })
    });
}

/// R063
#[test]
fn every_script_has_the_nonce() {
    each_page(|page| {
        all_but(page, "no nonce", |it| {
            it.is("script") && it.get("nonce") != Some("c2FtcGxlLW5vbmNl")
        })
    });
}

/// R068
#[test]
fn nothing_is_loaded_from_elsewhere() {
    each_page(|page| {
        all_but(page, "elsewhere", |it| {
            let loads = if it.is("link") { it.get("href") } else { it.get("src") };
            // The last page of a sign-out tells applications of WS-Federation so.
            let tells = |url: &str| it.is("img") && url.ends_with("?wa=wsignoutcleanup1.0");
            loads.is_some_and(|url| !url.starts_with("/static/") && !tells(url))
        })
    });
}

#[test]
fn every_button_and_link_says_what_it_does() {
    each_page(|page| {
        all_but(page, "nameless", |it| {
            let acts = it.is("button") || it.is("a") || it.is("summary") || it.is("legend");
            acts && it.text.trim().is_empty()
        })
    });
}

#[test]
fn every_template_is_shown_or_is_a_part_of_one() {
    let specimens = gallery::render_all(&templates()).unwrap();
    let shown: BTreeSet<_> = specimens.iter().map(|it| it.template.to_owned()).collect();
    for (path, text) in template_files(Path::new(&web("templates")), "") {
        let part = text.contains("{% component ") || text.contains("{% block body");
        assert!(part || path == "base.html" || shown.contains(&path), "{path} is in no gallery");
    }
}

/// R071
#[test]
fn no_template_switches_escaping_off() {
    for (path, text) in template_files(Path::new(&web("templates")), "") {
        let quiet: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        assert!(!quiet.contains("|safe"), "{path} trusts a value");
        let escaped = Path::new(&path).extension().is_some_and(|extension| extension == "html");
        assert!(escaped, "{path} would not be escaped");
    }
}

fn template_files(folder: &Path, prefix: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is in the repository").flatten() {
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            files.extend(template_files(&entry.path(), &format!("{name}/")));
        } else {
            files.push((name, fs::read_to_string(entry.path()).expect("a template is text")));
        }
    }
    files
}

/// R071
#[test]
fn hostile_names_stay_text() {
    let hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}";
    let page = sign_in::Password { upn: hostile.to_owned(), ..sign_in::Password::sample() };
    let chrome = Chrome { organisation: hostile.to_owned(), ..Chrome::sample() };
    let html = templates().render(&chrome, &page).unwrap();
    let elements = html::read(&html).unwrap();
    assert_eq!(named(&elements, "script").count(), 1, "only our own script");
    assert_eq!(named(&elements, "img").count(), 0);
    let username = named(&elements, "input").find(|it| it.get("id") == Some("username")).unwrap();
    assert_eq!(username.get("value"), Some(hostile));
}

#[test]
fn the_auto_post_form_carries_exactly_its_fields_byte_for_byte() {
    let context = "a=1&b=%2f\"'<>\u{e9}\u{202e}&amp;&#39;";
    let page = AutoPost { wctx: Some(context.to_owned()), ..AutoPost::sample() };
    let fields = auto_post_fields(&page);
    let expected = [("wa", page.wa.as_str()), ("wresult", &page.wresult), ("wctx", context)];
    assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn the_auto_post_form_leaves_out_a_context_that_was_not_there_but_keeps_an_empty_one() {
    let absent = AutoPost { wctx: None, ..AutoPost::sample() };
    assert_eq!(auto_post_fields(&absent).len(), 2);
    let empty = AutoPost { wctx: Some(String::new()), ..AutoPost::sample() };
    assert_eq!(auto_post_fields(&empty)[2], ("wctx".to_owned(), String::new()));
}

fn auto_post_fields(page: &AutoPost) -> Vec<(String, String)> {
    let elements =
        html::read(&templates().render_bare(page).expect("it renders")).expect("it is HTML");
    let form = named(&elements, "form").next().expect("one form");
    assert_eq!(form.get("action"), Some(page.reply.as_str()));
    assert!(named(&elements, "button").any(|it| it.parents.contains(&"noscript".to_owned())));
    let get =
        |it: &Element, name: &str| it.get(name).expect("a field has a name and a value").to_owned();
    named(&elements, "input").map(|it| (get(it, "name"), get(it, "value"))).collect()
}

#[test]
fn the_sign_in_page_stays_under_30_kb_with_everything_it_loads() {
    let assets = Assets::load();
    let page = templates().render(&Chrome::sample(), &sign_in::Password::sample()).unwrap();
    let loaded = assets.iter().filter(|asset| page.contains(&asset.url));
    let weight: usize = page.len() + loaded.map(|asset| asset.bytes.len()).sum::<usize>();
    assert!(weight < 30 * 1024, "{weight} bytes");
}

#[test]
fn the_script_stays_under_10_kb() {
    let assets = Assets::load();
    let script = assets.by_url(assets.url("gatehouse.js").unwrap()).unwrap();
    assert!(script.bytes.len() < 10 * 1024);
}

/// R012; the third rule of the sign-in page: name and password are there together, in that order.
#[test]
fn password_managers_find_name_and_password() {
    let (_, page) = sign_in::Password::samples().remove(0);
    let elements = html::read(&templates().render(&Chrome::sample(), &page).unwrap()).unwrap();
    let hints: Vec<_> = named(&elements, "input").filter_map(|it| it.get("autocomplete")).collect();
    assert_eq!(hints, ["username", "current-password"]);
    each_page(|page| {
        let passwords = named(page, "input").filter(|it| hint(it).ends_with("-password"));
        let has_name = named(page, "input").any(|it| hint(it).starts_with("username"));
        let nameless = passwords.count() > 0 && !has_name;
        nameless.then(|| "a password without its name".to_owned()).into_iter().collect()
    });
}

/// The first word of what a field says to password managers that is no matter of passkeys.
fn hint(input: &Element) -> &str {
    input.get("autocomplete").unwrap_or_default().trim_end_matches(" webauthn")
}

/// R012
#[test]
fn every_password_can_be_shown_and_pasted_and_says_what_it_is() {
    each_page(|page| {
        let is_password = |it: &&Element| it.get("type") == Some("password");
        let shows = |id: &str| {
            let mut buttons = named(page, "button").filter(|it| it.get("data-reveal") == Some(id));
            buttons.any(|it| {
                it.get("aria-pressed") == Some("false") && it.get("type") == Some("button")
            })
        };
        let wrong = |it: &&Element| {
            let long =
                it.get("maxlength").is_none_or(|most| most.parse().is_ok_and(|it: u32| it >= 512));
            let known = match hint(it) {
                "current-password" | "new-password" => shows(it.get("id").unwrap_or_default()),
                // A secret of a program, or somebody else's password, which no password manager shall
                // offer.
                "off" => {
                    let others =
                        ["client_secret", "next_secret", "account_password", "try_password"];
                    it.get("id").is_some_and(|id| others.contains(&id))
                }
                _ => false,
            };
            !long || !known
        };
        let wrong = named(page, "input").filter(is_password).filter(wrong);
        wrong.map(|it| format!("a password: {:?}", it.attributes)).collect()
    });
}

/// R012; the fifth rule of the sign-in page.
#[test]
fn every_code_is_one_field_that_takes_blanks_and_is_found_by_managers() {
    each_page(|page| {
        let codes: Vec<_> =
            named(page, "input").filter(|it| it.get("id") == Some("code")).collect();
        let wrong = |it: &&&Element| {
            let digits = it.get("inputmode") == Some("numeric");
            let found = if digits { "one-time-code" } else { "off" };
            let blanks = it.get("pattern").is_none_or(|pattern| pattern == "[0-9 ]*");
            let long = it.get("maxlength") == Some("64");
            it.get("type") != Some("text") || hint(it) != found || !blanks || !long
        };
        codes.iter().filter(wrong).map(|it| format!("a code: {:?}", it.attributes)).collect()
    });
}

/// The second rule of the sign-in page.
#[test]
fn the_first_field_takes_names_and_passkeys_from_the_browsers_list() {
    for (state, page) in sign_in::Address::samples() {
        let asks = page.passkey.is_some();
        let elements = html::read(&templates().render(&Chrome::sample(), &page).unwrap()).unwrap();
        let field = named(&elements, "input").find(|it| it.get("id") == Some("address")).unwrap();
        let takes = if asks { "username webauthn" } else { "username" };
        assert_eq!(field.get("autocomplete"), Some(takes), "{state}");
        assert_eq!(field.get("type"), Some("email"));
        assert_eq!(field.get("autocapitalize"), Some("none"));
        assert_eq!(field.get("spellcheck"), Some("false"));
        let buttons =
            named(&elements, "button").filter(|it| it.text.contains("Sign in with a passkey"));
        assert_eq!(buttons.count(), usize::from(asks), "a button for browsers without the list");
    }
}

/// The fourth rule of the sign-in page.
#[test]
fn a_new_password_says_its_rules_before_anybody_types() {
    each_page(|page| {
        let says = |id: &str| {
            page.iter().any(|it| it.get("id") == Some(id) && it.text.starts_with("At least "))
        };
        let mute = |it: &&Element| !it.get("aria-describedby").is_some_and(says);
        let new = named(page, "input").filter(|it| hint(it) == "new-password").filter(mute);
        new.map(|it| format!("no rules: {:?}", it.attributes)).collect()
    });
}

/// The eighth rule of the sign-in page.
#[test]
fn what_was_wrong_takes_the_focus_and_leads_to_a_field_that_says_so() {
    each_page(|page| {
        let alerts = || page.iter().filter(|it| it.get("role") == Some("alert"));
        let still =
            alerts().filter(|it| it.get("tabindex") != Some("-1") || it.get("autofocus").is_none());
        let mut wrong: Vec<_> = still.map(|it| format!("no focus: {}", it.text)).collect();
        let fields = ["input", "select", "textarea"];
        let field = |id: &str| {
            page.iter().find(|it| fields.contains(&it.name.as_str()) && it.get("id") == Some(id))
        };
        let links = named(page, "a").filter_map(|it| it.get("href")?.strip_prefix('#'));
        let silent = links.filter_map(field).filter(|it| it.get("aria-invalid") != Some("true"));
        wrong.extend(silent.map(|it| format!("it says nothing: {:?}", it.attributes)));
        let stolen = named(page, "input").any(|it| it.get("autofocus").is_some());
        if alerts().count() > 0 && stolen {
            wrong.push("a field takes the focus from what was wrong".to_owned());
        }
        wrong
    });
}

/// The ninth rule of the sign-in page.
#[test]
fn the_title_of_a_step_is_what_its_heading_says() {
    each_page(|page| {
        let is_step = named(page, "body").any(|it| it.get("class") == Some("sign-in"));
        let text = |name| named(page, name).map(|it| it.text.trim()).next().unwrap_or_default();
        let (title, heading) = (text("title"), text("h1"));
        let other = is_step && !title.starts_with(heading);
        other.then(|| format!("{title} over {heading}")).into_iter().collect()
    });
}

#[test]
fn every_pair_of_colours_is_readable_in_light_and_dark() {
    let css = fs::read_to_string(web("static/gatehouse.css")).unwrap();
    let (light, dark) = css.split_once("@media (prefers-color-scheme: dark)").unwrap();
    for (scheme, text) in [("light", light), ("dark", dark)] {
        let token = |name: &str| colour(text, name);
        for ground in ["ground", "surface", "sunken"] {
            for ink in ["ink", "muted", "accent", "ok", "warn", "danger"] {
                let contrast = contrast(token(ink), token(ground));
                assert!(contrast >= 4.5, "{scheme}: {ink} on {ground} is {contrast:.2}");
            }
            let edge = contrast(token("edge"), token(ground));
            assert!(edge >= 3.0, "{scheme}: edge on {ground} is {edge:.2}");
        }
        for tone in ["accent", "ok", "warn", "danger"] {
            let contrast = contrast(token(tone), token(&format!("{tone}-tint")));
            assert!(contrast >= 4.5, "{scheme}: {tone} on its tint is {contrast:.2}");
        }
        for (ink, ground) in
            [("on-accent", "accent"), ("on-accent", "accent-hover"), ("on-danger", "danger")]
        {
            let contrast = contrast(token(ink), token(ground));
            assert!(contrast >= 4.5, "{scheme}: {ink} on {ground} is {contrast:.2}");
        }
    }
}

/// The first value of a token in a style sheet.
fn colour(css: &str, token: &str) -> [f64; 3] {
    let (_, value) = css.split_once(&format!("--{token}: #")).expect("a token has a value");
    [0, 2, 4].map(|at| f64::from(hex(&value[at..at + 2])) / 255.0)
}

fn hex(pair: &str) -> u8 {
    u8::from_str_radix(pair, 16).expect("colours are six hex digits")
}

/// WCAG 2.2's contrast ratio.
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    let light = |c: [f64; 3]| 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
    let (one, other) = (light(one) + 0.05, light(other) + 0.05);
    one.max(other) / one.min(other)
}
