//! The steps that people take, in the words of the pages.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};

use crate::{
    browser::{Browser, Script},
    demo::{Account, Demo, code_now},
};

impl Browser {
    /// Begins at Outlook: the address is asked for there, once.
    pub async fn open_outlook(&self, demo: &Demo, upn: &str) -> anyhow::Result<()> {
        self.go(&demo.ready.outlook_url).await?;
        self.send("#username", upn).await
    }

    /// Gives the password.
    pub async fn give_password(&self, password: &str) -> anyhow::Result<()> {
        self.expect("Enter your password").await?;
        self.send("#password", password).await
    }

    /// Gives the code that the person's app shows now, and says which it was.
    pub async fn give_code(&self, account: &Account) -> anyhow::Result<String> {
        self.expect("Enter your code").await?;
        let code = code_now(account.totp_secret.as_deref().context("no authenticator")?)?;
        self.send("#code", &code).await?;
        Ok(code)
    }

    /// The same after the enrolment code that was handed over; the key comes back.
    pub async fn enrol_by_code(&self, account: &Account) -> anyhow::Result<String> {
        self.expect("Enter your enrolment code").await?;
        let code = account.enrollment_code.as_deref().context("no enrolment code")?;
        self.send("#code", code).await?;
        self.enrol(&account.upn).await
    }

    /// Sets up an authenticator with the key that is shown, which comes back, and keeps the recovery
    /// codes.
    pub async fn enrol(&self, upn: &str) -> anyhow::Result<String> {
        self.expect("Set up your authenticator").await?;
        ensure!(self.count(".qr > svg").await? == 1, "the key is shown as a picture, too");
        let key = self.text(".key code").await?;
        self.send("#code", &code_now(&key)?).await?;
        self.expect("Keep your recovery codes").await?;
        ensure!(self.count("#codes li").await? == 10, "there are ten recovery codes");
        ensure!(self.text(".chip .who").await? == upn, "they say whose they are");
        self.press("form[action='/sign-in/recovery-codes'] button.primary").await?;
        Ok(key)
    }

    /// Signs in with a passkey on the first page: the list of its field offers it, and an
    /// authenticator that answers by itself takes it from there; else the button asks.
    pub async fn sign_in_by_passkey(&self) -> anyhow::Result<()> {
        let button = "form[action='/sign-in/passkey'] button";
        let began = Instant::now();
        while self.count(button).await? > 0 || self.count("h1").await? == 0 {
            if began.elapsed() > Duration::from_secs(3) {
                return self.press(button).await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// Passes the page that takes the token to Microsoft: by itself, or by its button.
    pub async fn go_on_to_microsoft(&self) -> anyhow::Result<()> {
        match self.script() {
            Script::On => Ok(()),
            Script::Off => self.press("noscript button, form[action*='login.srf'] button").await,
        }
    }

    /// From Outlook's question to the mailbox.
    pub async fn sign_in_to_outlook(&self, demo: &Demo, account: &Account) -> anyhow::Result<()> {
        self.open_outlook(demo, &account.upn).await?;
        self.give_password(&account.password).await?;
        self.give_code(account).await?;
        self.go_on_to_microsoft().await?;
        self.expect("Inbox of").await
    }

    /// Opens the console as its owner.
    pub async fn sign_in_to_console(&self, demo: &Demo) -> anyhow::Result<()> {
        let owner = &demo.ready.admin;
        self.go(&format!("{}/admin", demo.ready.url)).await?;
        self.expect("Sign in").await?;
        self.send("#address", &owner.upn).await?;
        self.give_password(&owner.password).await?;
        self.give_code(owner).await?;
        self.find("body.console").await?;
        Ok(())
    }

    /// Finds somebody in the console by a part of their name and opens their page.
    pub async fn find_person(&self, demo: &Demo, name: &str) -> anyhow::Result<()> {
        self.go(&format!("{}/admin/users", demo.ready.url)).await?;
        self.send("#q", name).await?;
        self.press("td a.strong").await?;
        self.expect(name).await
    }
}

/// Asks again until the answer is yes, for as long as the issue allows.
pub async fn within<F, Fut>(time: Duration, what: &str, mut ask: F) -> anyhow::Result<()>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = anyhow::Result<bool>>,
{
    let began = Instant::now();
    while !ask().await? {
        if began.elapsed() > time {
            bail!("not within {time:?}: {what}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}
