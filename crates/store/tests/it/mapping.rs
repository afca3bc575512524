//! What of a person reaches Entra: rules and the key of their pseudonyms.

use model::{
    attribute::Attribute,
    detail::Detail,
    mapping::{AttributeMapping, MappingTest, Mode, Rule},
};
use secrecy::{ExposeSecret as _, SecretSlice};
use store::{Error, attribute_mappings, testing::both, users};

use crate::samples::{NOON, at, office};

#[test]
fn rules_read_back_and_the_key_never_changes() {
    both(async |store| {
        store
            .write(|tx| {
                let (alice, _, office) = office(tx)?;
                assert!(attribute_mappings::of_application(tx, office.id)?.is_none());
                let unknown =
                    attribute_mappings::put(tx, office.id, &AttributeMapping::default(), NOON);
                assert!(matches!(unknown, Err(Error::NotFound { .. })));
                for key in [b"first", b"other"] {
                    let key = SecretSlice::from(key.to_vec());
                    attribute_mappings::begin(tx, office.id, &key, NOON)?;
                }
                let test = MappingTest { user_id: alice, expected: "x".to_owned() };
                let expression = "upper(city)".to_owned();
                let rule = Rule { mode: Mode::WhenEmpty, expression, tests: vec![test] };
                let rules = AttributeMapping::default().with(Attribute::City, rule);
                attribute_mappings::put(tx, office.id, &rules, at(5))?;
                let kept = attribute_mappings::of_application(tx, office.id)?.expect("begun");
                assert_eq!(kept.mapping, rules);
                assert_eq!(kept.key.expose_secret(), b"first");
                Ok::<_, Error>(())
            })
            .await
            .expect("written");
    });
}

/// People from before there were details read back without any.
#[test]
fn details_are_part_of_a_person() {
    both(async |store| {
        store
            .write(|tx| {
                let (id, ..) = office(tx)?;
                let mut alice = users::by_id(tx, id)?.expect("there");
                assert!(alice.profile.details.is_empty());
                alice.profile.details.set(Detail::OfficeLocation, "Room 8");
                users::update(tx, &alice)?;
                assert_eq!(users::by_id(tx, id)?, Some(alice));
                Ok::<_, Error>(())
            })
            .await
            .expect("written");
    });
}
