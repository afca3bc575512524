//! Headless Chromium behind chromedriver, and the few things that a person does with it.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::json;
use thirtyfour::{
    By, ChromiumLikeCapabilities as _, DesiredCapabilities, Key, WebDriver, WebElement,
};

use crate::demo::end;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often chromedriver may look for a port.
const STARTS: usize = 5;

/// Where axe-core is, seen from this crate.
const AXE: &str = "../../target/tools/axe/axe_playwright_python/axe.min.js";

/// Whether pages may run script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// As in every browser.
    On,
    /// Switched off in the browser's settings.
    Off,
}

/// A browser with an empty profile; it ends with this value.
#[derive(Debug)]
pub struct Browser {
    driver: WebDriver,
    _chromedriver: Chromedriver,
    script: Script,
}

/// The program that drives browsers.
#[derive(Debug)]
struct Chromedriver {
    process: Child,
    port: u16,
}

impl Browser {
    /// Opens one.
    pub async fn open(script: Script) -> anyhow::Result<Self> {
        let chromedriver = Chromedriver::start()?;
        let address = format!("http://127.0.0.1:{}", chromedriver.port);
        let driver = WebDriver::new(address, capabilities(script)?)
            .await
            .context("Chromium does not start")?;
        Ok(Self { driver, _chromedriver: chromedriver, script })
    }

    /// Whether pages may run script here.
    pub fn script(&self) -> Script {
        self.script
    }

    /// Goes to an address.
    pub async fn go(&self, address: &str) -> anyhow::Result<()> {
        Ok(self.driver.goto(address).await?)
    }

    /// Where it is.
    pub async fn address(&self) -> anyhow::Result<String> {
        Ok(self.driver.current_url().await?.to_string())
    }

    /// The page's heading.
    pub async fn heading(&self) -> anyhow::Result<String> {
        self.text("h1").await
    }

    /// The text of an element, once it is there.
    pub async fn text(&self, css: &str) -> anyhow::Result<String> {
        // What is only just drawn has no words yet.
        for _ in 0..20 {
            let text = self.find(css).await?.text().await?;
            if !text.is_empty() {
                return Ok(text);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(self.find(css).await?.text().await?)
    }

    /// An element, once it is there.
    pub async fn find(&self, css: &str) -> anyhow::Result<WebElement> {
        let began = Instant::now();
        loop {
            if let Ok(element) = self.driver.find(By::Css(css)).await {
                return Ok(element);
            }
            if began.elapsed() > PATIENCE {
                let (address, page) = (self.address().await?, self.text_of_page().await);
                bail!("no {css} at {address}:\n{page}");
            }
            pause().await;
        }
    }

    /// How many elements there are now.
    pub async fn count(&self, css: &str) -> anyhow::Result<usize> {
        Ok(self.driver.find_all(By::Css(css)).await?.len())
    }

    /// Waits for a heading that begins so.
    pub async fn expect(&self, heading: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            // While a page changes, its elements are gone for a moment.
            let now = match self.driver.find(By::Css("h1")).await {
                Ok(element) => element.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if now.starts_with(heading) {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                let (address, page) = (self.address().await?, self.text_of_page().await);
                bail!("“{heading}” did not come; at {address}:\n{page}");
            }
            pause().await;
        }
    }

    /// Types into a field.
    pub async fn fill(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let field = self.find(css).await?;
        field.clear().await?;
        Ok(field.send_keys(text).await?)
    }

    /// Types into a field, sends its form and waits for the page that answers.
    pub async fn send(&self, css: &str, text: &str) -> anyhow::Result<()> {
        self.fill(css, text).await?;
        let (field, page) = (self.find(css).await?, self.find("html").await?);
        field.send_keys("" + Key::Enter).await?;
        self.leave(&page).await
    }

    /// Presses a button or a link and waits for the page that it leads to.
    pub async fn press(&self, css: &str) -> anyhow::Result<()> {
        let (button, page) = (self.find(css).await?, self.find("html").await?);
        button.click().await?;
        self.leave(&page).await
    }

    /// What has the focus.
    pub(crate) async fn focused(&self) -> anyhow::Result<WebElement> {
        Ok(self.driver.active_element().await?)
    }

    /// Opens or ticks something on the page.
    pub async fn click(&self, css: &str) -> anyhow::Result<()> {
        Ok(self.find(css).await?.click().await?)
    }

    /// Waits until a page has gone and the next one is whole: the driver does not always know that a
    /// click has begun to lead somewhere, and would look for things on the page before.
    pub(crate) async fn leave(&self, page: &WebElement) -> anyhow::Result<()> {
        let began = Instant::now();
        while page.tag_name().await.is_ok() || !self.is_whole().await {
            if began.elapsed() > PATIENCE {
                let (address, page) = (self.address().await?, self.text_of_page().await);
                bail!("nothing came after {address}:\n{page}");
            }
            pause().await;
        }
        Ok(())
    }

    /// Whether the page has come to its end; between two pages, nothing has.
    async fn is_whole(&self) -> bool {
        self.run("return document.readyState").await.is_ok_and(|state| state == "complete")
    }

    /// Runs script in the page, as a stranger's page would.
    pub async fn run(&self, script: &str) -> anyhow::Result<serde_json::Value> {
        Ok(self.driver.execute(script, Vec::new()).await?.json().clone())
    }

    /// What axe-core finds wrong with the page for people who can't see, point or hear; one line a
    /// finding. `scripts/test` brings axe-core along.
    pub async fn barriers(&self) -> anyhow::Result<Vec<String>> {
        let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join(AXE);
        let source = std::fs::read_to_string(&axe)
            .with_context(|| format!("scripts/test makes {}", axe.display()))?;
        self.driver.execute(format!("{source};"), Vec::new()).await?;
        let ask = "const done = arguments[arguments.length - 1]; \
                   axe.run().then(found => done(found), error => done(String(error)))";
        let found = self.driver.execute_async(ask, Vec::new()).await?.json().clone();
        let violations = found["violations"].as_array();
        let violations = violations.with_context(|| format!("axe-core says {found}"))?;
        let passed = found["passes"].as_array().map_or(0, Vec::len);
        ensure!(passed > 5, "axe-core looked at nothing: {found}");
        let line = |found: &serde_json::Value| format!("{}: {}", found["id"], found["nodes"]);
        Ok(violations.iter().map(line).collect())
    }

    /// Plugs an authenticator in, which verifies its person and answers by itself.
    pub async fn plug_in_authenticator(&self) -> anyhow::Result<()> {
        let cdp = self.driver.cdp();
        cdp.send_raw("WebAuthn.enable", json!({})).await?;
        let options = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "automaticPresenceSimulation": true,
        });
        cdp.send_raw("WebAuthn.addVirtualAuthenticator", json!({ "options": options })).await?;
        Ok(())
    }

    /// The value of a cookie of the page's site.
    pub async fn cookie(&self, name: &str) -> Option<String> {
        self.driver.get_named_cookie(name).await.ok().map(|cookie| cookie.value)
    }

    /// Sets the size of the page and whether it is dark.
    pub async fn look(&self, width: u32, dark: bool) -> anyhow::Result<()> {
        let cdp = self.driver.cdp();
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        cdp.send_raw("Emulation.setDeviceMetricsOverride", size).await?;
        // A scrollbar would cut the picture.
        cdp.send_raw("Emulation.setScrollbarsHidden", json!({"hidden": true})).await?;
        let scheme = if dark { "dark" } else { "light" };
        // Nobody looks while a colour is on its way to another one.
        let media = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        cdp.send_raw("Emulation.setEmulatedMedia", media).await?;
        Ok(())
    }

    /// Keeps a picture of the whole page.
    pub async fn picture(&self, file: &Path) -> anyhow::Result<()> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let wish = json!({"format": "png", "captureBeyondViewport": true});
        let answer = self.driver.cdp().send_raw("Page.captureScreenshot", wish).await?;
        let data = answer["data"].as_str().context("a picture has data")?;
        Ok(std::fs::write(file, STANDARD.decode(data)?)?)
    }

    async fn text_of_page(&self) -> String {
        match self.driver.find(By::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(error) => error.to_string(),
        }
    }

    /// Closes it.
    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.driver.clone().quit().await?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Its own way to end from a failing test waits for two minutes; chromedriver takes its
        // browsers along when it ends. After `close` there is nothing left to do.
        let _ = self.driver.clone().leak();
    }
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

impl Chromedriver {
    /// Starts one on a free port. It takes that port for IPv6 first and then asks for the same
    /// one for IPv4, which somebody else may have by then; it gives up, and another try helps.
    fn start() -> anyhow::Result<Self> {
        for _ in 0..STARTS {
            if let Some(started) = Self::start_once()? {
                return Ok(started);
            }
        }
        bail!("chromedriver found no port in {STARTS} tries")
    }

    /// Starts one; it may end at once for want of its port.
    fn start_once() -> anyhow::Result<Option<Self>> {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .context("chromedriver is missing")?;
        let stdout = process.stdout.take().context("chromedriver has no stdout")?;
        let mut started = Self { process, port: 0 };
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            let port = line.split_once("on port ").map(|(_, port)| port.trim_end_matches('.'));
            // An earlier line says “port 0”.
            if let Some(port) = port.and_then(|port| port.parse().ok()).filter(|port| *port != 0) {
                started.port = port;
                return Ok(Some(started));
            }
        }
        Ok(None)
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        end(&mut self.process);
    }
}

fn capabilities(script: Script) -> anyhow::Result<thirtyfour::ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    for argument in [
        "--headless=new",
        // The tests run as root in containers, and only against our own pages.
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        // What is being faded in has no words yet.
        "--force-prefers-reduced-motion",
        "--window-size=1280,900",
        "--lang=en",
    ] {
        capabilities.add_arg(argument)?;
    }
    if script == Script::Off {
        let preferences = json!({"profile.managed_default_content_settings.javascript": 2});
        capabilities.add_experimental_option("prefs", preferences)?;
    }
    Ok(capabilities)
}
