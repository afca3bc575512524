//! Secrets at rest: moved, read with another key, or looked for in the raw file.

use std::fs;

use model::{
    ids::{FactorId, TenantId, UserId},
    signing_key::SigningKeyState,
};
use secrecy::{ExposeSecret, SecretSlice};
use store::{
    Error, MasterKey, Settings, Store, Tx, credentials, factors, imports, peppers, signing_keys,
    tenants,
    testing::{Throwaway, both, execute},
};

use crate::samples::{NOON, alice, id, signing_key, tenant, totp};

const ALICE: UserId = UserId(id(1));

/// One secret of each kind.
const CANARIES: [&str; 6] = [
    "canary-totp-seed-5f2b9c1d",
    "canary-private-key-81aa07e3",
    "canary-client-secret-c4d0f6",
    "canary-pepper-0b7e19d2aa51",
    "canary-import-file-6d20e4b7",
    "canary-imported-hash-93bb01f2",
];

fn store_canaries(tx: &mut Tx) -> Result<(), Error> {
    alice(tx)?;
    factors::put_totp(tx, &totp(10, ALICE, CANARIES[0].as_bytes()))?;
    let key = signing_key(80, SigningKeyState::Active, CANARIES[1].as_bytes());
    signing_keys::create(tx, &key)?;
    tenants::create(tx, &tenant(40, CANARIES[2]))?;
    peppers::create(tx, "p", &SecretSlice::from(CANARIES[3].as_bytes().to_vec()), NOON)?;
    let file = SecretSlice::from(CANARIES[4].as_bytes().to_vec());
    imports::create(tx, &crate::imports::import(70, 100), &file)?;
    credentials::put(tx, &crate::imports::brought(ALICE, CANARIES[5]))
}

/// R124
#[test]
fn two_swapped_rows_do_not_open() {
    both(async |store| {
        store
            .write(|tx| {
                alice(tx)?;
                for (number, seed) in [(10, b"seed one"), (11, b"seed two")] {
                    factors::put_totp(tx, &totp(number, ALICE, seed))?;
                }
                execute(tx, "CREATE TEMPORARY TABLE kept AS SELECT id, secret FROM totp_factors")?;
                execute(
                    tx,
                    "UPDATE totp_factors SET secret =
                     (SELECT secret FROM kept WHERE kept.id <> totp_factors.id)",
                )
            })
            .await
            .expect("swapped");
        for number in [10, 11] {
            let opened = store.read(move |tx| factors::totp_by_id(tx, FactorId(id(number)))).await;
            let named = matches!(&opened, Err(Error::Corrupt { table: "totp_factors", id: row })
                if *row == id(number).to_string());
            assert!(named, "{:?}", opened.err());
        }
    });
}

/// R124
#[test]
fn a_value_from_another_table_does_not_open() {
    both(async |store| {
        store
            .write(|tx| {
                store_canaries(tx)?;
                execute(tx, "UPDATE tenants SET client_secret = (SELECT key FROM peppers)")
            })
            .await
            .expect("moved");
        let opened = store.read(|tx| tenants::by_id(tx, TenantId(id(40)))).await;
        assert!(matches!(opened, Err(Error::Corrupt { table: "tenants", .. })));
    });
}

/// R134
#[test]
fn a_wrong_master_key_stops_the_start_and_changes_nothing() {
    for database in Throwaway::both() {
        let store = database.open();
        store.write_blocking(store_canaries).expect("stored");
        drop(store);
        let wrong = Settings {
            master_keys: MasterKey::from_bytes([8; 32]).into(),
            ..database.settings.clone()
        };
        let refused = Store::open(&wrong).expect_err("refused");
        assert!(matches!(refused, Error::WrongMasterKey), "{refused:?}");
        let store = database.open();
        let key = store.read_blocking(signing_keys::active).expect("opens").expect("there");
        assert_eq!(key.private_key.here().expect("here").expose_secret(), CANARIES[1].as_bytes());
    }
}

/// R025, R123, R125
#[test]
fn no_secret_is_in_the_raw_database_in_any_form() {
    let database = Throwaway::sqlite();
    let store = database.open();
    store.write_blocking(store_canaries).expect("stored");
    let path = database.settings.url.strip_prefix("sqlite://").expect("a path").to_owned();
    let mut raw = fs::read(&path).expect("the database");
    raw.extend(fs::read(format!("{path}-wal")).expect("its log"));
    let found = |needle: &[u8]| raw.windows(needle.len()).any(|window| window == needle);
    assert!(found(b"Alice@Contoso.com"), "the scan sees what isn't sealed");
    for canary in CANARIES {
        let middle = &canary.as_bytes()[3..canary.len() - 3];
        assert!(!found(middle), "{canary} raw");
        assert!(!found(hex::encode(middle).as_bytes()), "{canary} in hex");
        assert!(!found(hex::encode_upper(middle).as_bytes()), "{canary} in HEX");
        for shift in 0..3 {
            use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
            let third = middle.len() - shift - (middle.len() - shift) % 3;
            let text = STANDARD_NO_PAD.encode(&middle[shift..shift + third]);
            assert!(!found(text.as_bytes()), "{canary} in base64");
        }
    }
}

/// R123, R125
#[test]
fn no_secret_is_in_any_column_of_postgres() {
    let database = Throwaway::postgres();
    let store = database.open();
    store.write_blocking(store_canaries).expect("stored");
    let dump = store.read_blocking(|tx| {
        let mut dump = String::new();
        for table in [
            "totp_factors",
            "signing_keys",
            "tenants",
            "peppers",
            "import_files",
            "imported_hashes",
            "users",
        ] {
            let all = format!("SELECT string_agg(t::text, ' ') AS value FROM {table} t");
            dump.push_str(&store::testing::text(tx, &all)?);
        }
        Ok::<_, Error>(dump)
    });
    let dump = dump.expect("dumped");
    assert!(dump.contains("Alice@Contoso.com"), "the scan sees what isn't sealed");
    for canary in CANARIES {
        assert!(!dump.contains(canary), "{canary} raw");
        assert!(!dump.contains(&hex::encode(canary)), "{canary} in hex");
    }
}
