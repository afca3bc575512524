//! The routes as the sources have them.

use std::{collections::BTreeSet, fs, path::Path};

/// Every route below a folder.
pub(super) fn read_routes(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_routes(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let source: String = source.chars().filter(|c| !c.is_whitespace()).collect();
            found.extend(routes_in(&source));
        }
    }
}

/// `.route("/path", web::get()…)` and `web::resource("/path").get(…).post(…)`.
fn routes_in(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for piece in source.split(".route(\"").skip(1) {
        let (path, rest) = piece.split_once('"').unwrap();
        let method = rest.strip_prefix(",web::").and_then(|rest| rest.split('(').next()).unwrap();
        found.push(format!("{} {path}", method.to_uppercase()));
    }
    for piece in source.split("web::resource(\"").skip(1) {
        let (path, rest) = piece.split_once('"').unwrap();
        let rest = rest.split(".route(").next().unwrap();
        for method in ["get", "post", "put", "delete", "patch"] {
            if rest.contains(&format!(").{method}(")) {
                found.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    found
}
