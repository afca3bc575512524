//! Plays campaigns from the command line.

use std::{process::ExitCode, time::Instant};

use clap::{Parser, ValueEnum};
use drill::{
    campaign::{self, Task},
    schedule::Size,
};

/// Plays fault campaigns against the sync.
#[derive(Parser)]
struct Wish {
    /// Which campaign.
    #[arg(value_enum)]
    campaign: Campaign,
    /// How many schedules by chance.
    #[arg(long, default_value_t = 500)]
    schedules: u64,
    /// The seed of the first of them.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only what has this in its name.
    #[arg(long, default_value = "")]
    only: String,
    /// On so many threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Tells what the runs of a broken case did.
    #[arg(long)]
    tell: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Campaign {
    /// Every fault at every step of every operation.
    Single,
    /// Two runs in a row killed at every pair of steps.
    Killed,
    /// Schedules by chance.
    Chance,
}

#[expect(clippy::print_stdout, reason = "a command speaks to whoever started it")]
fn main() -> ExitCode {
    let wish = Wish::parse();
    let began = Instant::now();
    let mut tasks: Vec<Task> = match wish.campaign {
        Campaign::Single => campaign::single(),
        Campaign::Killed => campaign::killed_twice(),
        Campaign::Chance => campaign::by_chance(wish.seed, wish.schedules, Size::NIGHT),
    };
    tasks.retain(|task| task.to_string().contains(&wish.only));
    let broken = campaign::play_all(&tasks, wish.threads, |task, broken| {
        for what in broken {
            println!("{task}: {what}");
        }
    });
    println!("{} played, {broken} broken, {:.1?}", tasks.len(), began.elapsed());
    if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
