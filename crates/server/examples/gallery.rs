//! Writes every page, in every state of its samples, into a folder with the static files.
//!
//! `cargo run -p server --example gallery -- FOLDER`, then serve the folder with any web server
//! (addresses begin at its root) and look at `index.html`.

use std::{env, error::Error, fs, path::Path, sync::Arc};

use server::{
    Assets,
    pages::{Templates, gallery},
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("which folder shall the pages go to?")?;
    let folder = Path::new(&folder);
    let assets = Arc::new(Assets::load());
    for asset in assets.iter() {
        write(&folder.join(asset.url.trim_start_matches('/')), &asset.bytes)?;
    }
    let mut links = Vec::new();
    for specimen in gallery::render_all(&Templates::load(&assets)?)? {
        let file = format!("{}.html", specimen.name);
        write(&folder.join(&file), specimen.html.as_bytes())?;
        links.push(format!("<li><a href=\"/{file}\">{}</a>", specimen.name));
    }
    let index = format!("<!doctype html><title>Gallery</title><ul>{}</ul>", links.concat());
    write(&folder.join("index.html"), index.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(path.parent().ok_or("a file lies in a folder")?)?;
    Ok(fs::write(path, bytes)?)
}
