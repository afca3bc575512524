//! The same by the keyboard alone: whatever Tab does not reach, nobody reaches.

use anyhow::bail;
use thirtyfour::{Key, WebElement};

use crate::browser::Browser;

/// No page of ours has more places that take the focus.
const MOST: usize = 150;

impl Browser {
    /// Types into a field that Tab reaches.
    pub async fn type_by_keyboard(&self, css: &str, text: &str) -> anyhow::Result<()> {
        Ok(self.tab_to(css).await?.send_keys(text).await?)
    }

    /// Types into a field that Tab reaches, sends its form with Enter and waits for the answer.
    pub async fn send_by_keyboard(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let page = self.find("html").await?;
        self.tab_to(css).await?.send_keys(text.to_owned() + Key::Enter).await?;
        self.leave(&page).await
    }

    /// Goes to a button or a link with Tab, presses Enter and waits for where it leads.
    pub async fn press_by_keyboard(&self, css: &str) -> anyhow::Result<()> {
        self.send_by_keyboard(css, "").await
    }

    /// Moves the focus on with Tab until it is there.
    async fn tab_to(&self, css: &str) -> anyhow::Result<WebElement> {
        let wanted = self.find(css).await?.element_id();
        for _ in 0..MOST {
            let focused = self.focused().await?;
            if focused.element_id() == wanted {
                return Ok(focused);
            }
            focused.send_keys("" + Key::Tab).await?;
        }
        bail!("Tab never reaches {css} at {}", self.address().await?)
    }
}
