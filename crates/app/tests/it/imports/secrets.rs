//! Seeds and hashes in a file are shown to nobody, under no field's name, and open to security admins
//! alone.

use app::{Admin, Kind};
use model::{
    Role,
    ids::ImportId,
    import::{Field, Mapping},
};

use super::{as_role, brought, from, said};
use crate::support::{Bench, both};

const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// Says which column holds what.
async fn mapped(
    bench: &Bench,
    admin: &Admin,
    id: ImportId,
    columns: &[(Field, usize)],
) -> Result<(), Kind> {
    let mapping: Mapping = columns.iter().copied().collect();
    let done = bench.house.map_import(admin, id, (mapping, false), &from()).await;
    done.map_err(|error| error.kind)
}

/// Everything that an admin is shown of a draft.
async fn shown(bench: &Bench, admin: &Admin, id: ImportId) -> Result<String, Kind> {
    let draft = bench.house.import(admin, id).await.map_err(|error| error.kind)?;
    Ok(format!("{:?}", draft.checks))
}

const GROUPS: &[(Field, usize)] = &[(Field::Upn, 0), (Field::Groups, 2)];

/// R025, R144
#[test]
fn a_user_admin_reads_no_seed_in_the_draft_of_a_security_admin() {
    both(|bench| async move {
        let olivia = bench.admin().await;
        let named = format!("upn,name,totp seed\nmia@contoso.com,Mia,{SEED}\n");
        let unnamed = named.replace("totp seed", "third");
        let grace = as_role(&bench, "grace", Role::UserAdmin).await;
        for file in [&named, &unnamed] {
            let id = brought(&bench, &olivia, file).await.unwrap();
            assert_eq!(mapped(&bench, &grace, id, GROUPS).await, Err(Kind::Forbidden));
            let title = &[(Field::Upn, 0), (Field::JobTitle, 2)];
            assert_eq!(mapped(&bench, &grace, id, title).await, Err(Kind::Forbidden));
            assert_eq!(shown(&bench, &grace, id).await, Err(Kind::Forbidden));
            let seen = bench.house.import(&olivia, id).await.unwrap().fingerprint;
            let written = bench.house.apply_import(&grace, id, &seen, &from()).await;
            assert_eq!(written.unwrap_err().kind, Kind::Forbidden);
        }
    });
}

/// R025
#[test]
fn a_column_that_was_once_a_secret_is_nothing_else_any_more() {
    both(|bench| async move {
        let olivia = bench.admin().await;
        let invalid = Err(Kind::Invalid { field: "mapping" });
        let file = format!("upn,name,third,seed\nmia@contoso.com,Mia,{SEED},{SEED}\n");
        let id = brought(&bench, &olivia, &file).await.unwrap();
        let seed_as_name = &[(Field::Upn, 0), (Field::DisplayName, 3)];
        assert_eq!(mapped(&bench, &olivia, id, seed_as_name).await, invalid, "by its name");
        let third = &[(Field::Upn, 0), (Field::DisplayName, 1), (Field::TotpSeed, 2)];
        assert_eq!(mapped(&bench, &olivia, id, third).await, Ok(()));
        let rows = said(&bench).await;
        let read = "read as upn: upn, display_name: name, totp_seed: third;";
        assert!(rows.iter().any(|row| row.starts_with(read)), "{rows:?}");
        assert_eq!(mapped(&bench, &olivia, id, GROUPS).await, invalid, "by what was said");
        let without = &[(Field::Upn, 0), (Field::DisplayName, 1)];
        assert_eq!(mapped(&bench, &olivia, id, without).await, Ok(()));
        assert_eq!(mapped(&bench, &olivia, id, GROUPS).await, invalid, "and it stays so");
        assert!(!shown(&bench, &olivia, id).await.unwrap().contains("GEZD"));
        let grace = as_role(&bench, "grace", Role::UserAdmin).await;
        assert_eq!(shown(&bench, &grace, id).await, Err(Kind::Forbidden));
    });
}

/// R025, R144
#[test]
fn a_file_of_ones_own_is_read_without_its_secrets() {
    both(|bench| async move {
        let grace = as_role(&bench, "grace", Role::UserAdmin).await;
        let file = format!("upn,name,password\nmia@contoso.com,Mia,{SEED}\n");
        let id = brought(&bench, &grace, &file).await.unwrap();
        let refused = mapped(&bench, &grace, id, GROUPS).await;
        assert_eq!(refused, Err(Kind::Invalid { field: "mapping" }));
        let without = &[(Field::Upn, 0), (Field::DisplayName, 1)];
        assert_eq!(mapped(&bench, &grace, id, without).await, Ok(()));
        super::applied(&bench, &grace, id).await.unwrap();
        assert!(super::person(&bench, "mia@contoso.com").await.is_some());
    });
}
