//! The unit of systemd that comes along takes away what a server does not need.

use std::process::Command;

use super::{read, root};

const UNIT: &str = "docs/admin-guide/gatehouse.service";

/// R123, R163
#[test]
fn the_unit_is_judged_well_and_runs_as_nobody_of_rank() {
    let text = read(UNIT);
    for line in [
        "User=gatehouse",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "LimitCORE=0",
        "LimitMEMLOCK=infinity",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}");
    }
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", "--threshold=20"])
        .arg(root().join(UNIT))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "more exposed than 2.0:\n{said}");
}
