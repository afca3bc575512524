//! `gatehouse config`: is it right, and what counts in the end.

use clap::Subcommand;

use super::WithConfig;
use crate::{config::Config, memory};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    verb: ConfigVerb,
}

#[derive(Debug, Subcommand)]
enum ConfigVerb {
    /// Says whether the configuration is right, and what is wrong with it.
    Check(WithConfig),
    /// Prints the values that count, with a database password masked.
    Show(WithConfig),
}

#[expect(clippy::print_stdout, reason = "the configuration is this command's answer")]
pub(crate) fn run(options: Options) -> anyhow::Result<()> {
    match options.verb {
        ConfigVerb::Check(at) => {
            let config = Config::read(&at.config)?;
            config.house()?;
            config.server.metrics_token()?;
            println!("{} is right", at.config.display());
            println!("{}", memory::swap_in_words());
        }
        ConfigVerb::Show(at) => {
            let mut config = Config::read(&at.config)?;
            config.database.url = config.database.url.map(|url| masked(&url));
            print!("{}", toml::to_string_pretty(&config)?);
        }
    }
    Ok(())
}

fn masked(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if parsed.password().is_some() => {
            let kept = parsed.set_password(Some("****"));
            if kept.is_ok() { parsed.to_string() } else { "****".to_owned() }
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    /// R136
    #[test]
    fn a_password_is_never_shown() {
        let shown = super::masked("postgres://gatehouse:hunter2@localhost/gatehouse");
        assert_eq!(shown, "postgres://gatehouse:****@localhost/gatehouse");
    }
}
