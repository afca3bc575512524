//! Files with mistakes, and files that somebody made to hurt.

use app::{Kind, accounts::NewPerson};
use model::{
    import::{Field, Mapping},
    user::Profile,
};

use super::{applied, brought, wrong};
use crate::support::{Bench, both};

/// What is wrong with the only line of a file.
async fn said(bench: &Bench, file: &str) -> Vec<String> {
    let admin = bench.admin().await;
    let id = brought(bench, &admin, file).await.unwrap();
    wrong(&bench.house.import(&admin, id).await.unwrap(), 2)
}

#[test]
fn every_wrong_cell_is_said_with_its_column_and_what_to_do() {
    both(|bench| async move {
        let long = "x".repeat(65);
        let file = format!(
            "UPN,Display name,Department,Country,Mail,Groups\n\
             a b@contoso.com,\u{202e}gnp.exe,{long},Germany,nobody,Nowhere\n"
        );
        let said = said(&bench, &file).await;
        assert_eq!(said.len(), 6, "{said:?}");
        for (at, begins) in [
            (0, "UPN: This is no sign-in name: "),
            (1, "Country: Type the country as two letters"),
            (2, "Display name: This holds characters that can't be seen."),
            (3, "Department: This is too long. Type at most 64 characters."),
            (4, "Mail: Type a mail address"),
            (5, "Groups: There is no group Nowhere."),
        ] {
            assert!(said[at].starts_with(begins), "{at}: {said:?}");
        }
    });
}

#[test]
fn two_lines_about_one_person_and_somebody_elses_address_are_refused() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let file = "upn,name,mail\nmia@contoso.com,Mia,\n MIA@Contoso.com ,Mia,x@contoso.com\n\
                    noah@contoso.com,Noah,mia@contoso.com\nolga@contoso.com,Olga,ALICE@contoso.com\n\
                    paul@fabrikam.com,Paul,\nrosa@contoso.com,Rosa\n";
        let id = brought(&bench, &admin, file).await.unwrap();
        let draft = bench.house.import(&admin, id).await.unwrap();
        assert!(wrong(&draft, 2).is_empty());
        for (line, begins) in [
            (3, "upn: Line 2 is about the same person."),
            (4, "mail: Line 2 has the same mail address."),
            (5, "mail: Somebody else has this mail address."),
            (6, "upn: This is none of our domains."),
            (7, ": The line has 2 cells and the head has 3."),
        ] {
            let said = wrong(&draft, line);
            assert!(said[0].starts_with(begins), "{line}: {said:?}");
        }
        applied(&bench, &admin, id).await.unwrap();
        let done = bench.house.import(&admin, id).await.unwrap();
        assert_eq!(done.left.len(), 5, "each is left out, and listed with its reason");
    });
}

#[test]
fn a_name_and_a_mail_address_are_one_persons_whichever_line_comes_first() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let file = "upn,name,mail\nmia@contoso.com,Mia,Sales@contoso.com\n\
                    sales@contoso.com,Sal,sal@contoso.com\nnoah@contoso.com,Noah,noah@contoso.com\n\
                    olga@contoso.com,Olga,NOAH@contoso.com\npaul@contoso.com,Paul,mia@contoso.com\n";
        let id = brought(&bench, &admin, file).await.unwrap();
        let draft = bench.house.import(&admin, id).await.unwrap();
        assert!(wrong(&draft, 2).is_empty() && wrong(&draft, 4).is_empty(), "{draft:?}");
        for (line, begins) in [
            (3, "upn: Line 2 has this as its mail address."),
            (5, "mail: Line 4 has the same mail address."),
            (6, "mail: This is the sign-in name of line 2."),
        ] {
            let said = wrong(&draft, line);
            assert!(said[0].starts_with(begins), "{line}: {said:?}");
        }
    });
}

/// The form of the console, and a row that was judged before somebody else was quicker.
#[test]
fn nobody_is_made_with_an_address_that_stands_for_somebody_else() {
    both(|bench| async move {
        let (admin, from) = (bench.admin().await, super::from());
        let new = |upn: &str, mail: &str| {
            let (display_name, mail) = ("Mia".to_owned(), Some(mail.to_owned()));
            let profile = Profile { display_name, mail, ..Profile::default() };
            NewPerson { upn: upn.to_owned(), profile }
        };
        let mail =
            bench.house.create_person(&admin, new("mia@contoso.com", "ALICE@contoso.com"), &from);
        assert_eq!(mail.await.unwrap_err().kind, Kind::Invalid { field: "mail" });
        let mia = new("mia@contoso.com", "sales@contoso.com");
        bench.house.create_person(&admin, mia, &from).await.unwrap();
        let name =
            bench.house.create_person(&admin, new("Sales@contoso.com", "x@contoso.com"), &from);
        assert_eq!(name.await.unwrap_err().kind, Kind::Invalid { field: "upn" });
        let other = new("es@contoso.com", "es@contoso.com");
        bench.house.create_person(&admin, other, &from).await.unwrap();
    });
}

#[test]
fn what_is_no_table_is_refused_before_it_is_kept() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let from = super::from();
        let many = vec!["x"; 10_000].join(",");
        let files: [&[u8]; 8] = [
            b"",
            b"upn\n\0\n",
            b"upn\nM\xfcller@contoso.com\n",
            b"upn,name\n\"a,b\n",
            b"upn,UPN\na,b\n",
            b"\xff\xfeu\0p\0n\0",
            many.as_bytes(),
            &vec![b'x'; app::imports::MAX_BYTES + 1],
        ];
        for file in files {
            let error = bench.house.begin_import(&admin, ("x.csv", file.to_vec().into()), &from);
            let error = error.await.unwrap_err();
            assert_eq!(error.kind, Kind::Invalid { field: "file" });
            assert!(error.public.len() > 30, "{}", error.public);
        }
        assert!(bench.house.imports(&admin).await.unwrap().is_empty());
    });
}

/// R142
#[test]
fn a_formula_is_a_name_like_any_other_and_stays_one() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let file = "upn,name\nmia@contoso.com,=HYPERLINK(A1)\n";
        let id = brought(&bench, &admin, file).await.unwrap();
        applied(&bench, &admin, id).await.unwrap();
        let made = bench.house.make_first_sign_ins(&admin, id, &super::from()).await.unwrap();
        assert_eq!(made[0].name, "=HYPERLINK(A1)");
    });
}

#[test]
fn columns_are_matched_by_hand_where_their_names_say_nothing() {
    both(|bench| async move {
        let admin = bench.admin().await;
        let id = brought(&bench, &admin, "a,b\nMia,mia@contoso.com\n").await.unwrap();
        assert!(bench.house.import(&admin, id).await.unwrap().checks.is_empty());
        let map = |columns: &[(Field, usize)]| {
            let (mapping, house, admin) =
                (columns.iter().copied().collect::<Mapping>(), bench.house.clone(), admin.clone());
            async move {
                let mapped = house.map_import(&admin, id, (mapping, false), &super::from()).await;
                mapped.map_err(|error| error.kind)
            }
        };
        let none = map(&[(Field::DisplayName, 0)]).await;
        assert_eq!(none, Err(Kind::Invalid { field: "upn" }));
        for bad in [[(Field::Upn, 1), (Field::Mail, 1)], [(Field::Upn, 1), (Field::Mail, 2)]] {
            assert_eq!(map(&bad).await, Err(Kind::Invalid { field: "mapping" }));
        }
        map(&[(Field::Upn, 1), (Field::DisplayName, 0)]).await.unwrap();
        applied(&bench, &admin, id).await.unwrap();
        assert_eq!(
            super::person(&bench, "mia@contoso.com").await.unwrap().profile.display_name,
            "Mia"
        );
    });
}
