//! Programs by their names. What a program says of itself is a hint for the help desk, nothing more.

/// What Microsoft's mail server calls the way by which a program came to it.
const MAIL_WAYS: [(&str, &str); 10] = [
    ("Exchange.ActiveSync", "A phone’s mail"),
    ("Exchange.Autodiscover", "Outlook looking for its mailbox"),
    ("Exchange.OfflineAddressBook", "Outlook fetching the address book"),
    ("Exchange.RPC", "Outlook for Windows"),
    ("Exchange.Mapi", "Outlook for Windows"),
    ("Exchange.WebServices", "A program that uses Exchange Web Services"),
    ("Exchange.Powershell", "Exchange PowerShell"),
    ("Exchange.SMTP", "A device or program that sends mail (SMTP)"),
    ("Exchange.Imap", "A mail program (IMAP)"),
    ("Exchange.Pop", "A mail program (POP or IMAP)"),
];

/// Marks of programs, the telling ones first: phones' mail names its system, too.
const PROGRAMS: [(&str, &str); 24] = [
    ("Windows-AzureAD-Authentication-Provider", "Windows itself, at the sign-in to the computer"),
    ("Microsoft Outlook 14", "Outlook 2010"),
    ("Microsoft Outlook 15", "Outlook 2013"),
    ("Microsoft Outlook 16", "Outlook 2016 or newer"),
    ("Outlook-iOS-Android", "Outlook on a phone"),
    ("MacOutlook", "Outlook for Mac"),
    ("Apple-iPhone", "Mail on an iPhone"),
    ("Apple-iPad", "Mail on an iPad"),
    ("dataaccessd", "Mail on an iPhone or iPad"),
    ("accountsd", "Apple Mail on a Mac"),
    ("CalendarAgent", "Apple Calendar on a Mac"),
    ("Mac OS X Mail", "Apple Mail on a Mac"),
    ("Microsoft Office/14", "Office 2010"),
    ("Microsoft Office/15", "Office 2013"),
    ("Microsoft Office/16", "Office 2016 or newer"),
    ("Lync", "Lync or Skype for Business"),
    ("SkypeForBusiness", "Skype for Business"),
    ("Thunderbird", "Thunderbird"),
    ("Android", "Mail on an Android phone"),
    ("SAMSUNG", "Mail on a Samsung phone"),
    ("PowerShell", "PowerShell"),
    ("python", "A script in Python"),
    ("MSAL", "A program that uses MSAL"),
    ("curl", "A script that uses curl"),
];

/// "Outlook 2013", "Mail on an iPhone, through Exchange Online".
pub(crate) fn name(said: &str) -> String {
    let said = said.to_lowercase();
    let find = |table: &[(&str, &'static str)]| {
        let found = table.iter().find(|(mark, _)| said.contains(&mark.to_lowercase()));
        found.map(|(_, name)| *name)
    };
    match (find(&PROGRAMS), find(&MAIL_WAYS)) {
        (Some(program), None) => program.to_owned(),
        (Some(name), Some(_)) | (None, Some(name)) => format!("{name}, through Exchange Online"),
        (None, None) if said.is_empty() => "A program that doesn’t say its name".to_owned(),
        (None, None) => "A program that isn’t known here".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_by_what_they_or_the_mail_server_say() {
        for (said, known) in [
            (
                "Microsoft Office/15.0 (Windows NT 6.1; Microsoft Outlook 15.0.4420; Pro)",
                "Outlook 2013",
            ),
            (
                "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Word 16.0.4266; Pro)",
                "Office 2016 or newer",
            ),
            (
                "Windows-AzureAD-Authentication-Provider/1.0",
                "Windows itself, at the sign-in to the computer",
            ),
            (
                "Microsoft.Exchange.ActiveSync Apple-iPhone12C1/1805.84, through x",
                "Mail on an iPhone, through Exchange Online",
            ),
            (
                "Microsoft.Exchange.WebServices macOS/12.1 (21C52) accountsd/113",
                "Apple Mail on a Mac, through Exchange Online",
            ),
            ("Microsoft.Exchange.Imap", "A mail program (IMAP), through Exchange Online"),
            (
                "Microsoft.Exchange.SMTP scanner",
                "A device or program that sends mail (SMTP), through Exchange Online",
            ),
            ("python-requests/2.32", "A script in Python"),
            ("Wget/1.21", "A program that isn’t known here"),
            ("", "A program that doesn’t say its name"),
        ] {
            assert_eq!(name(said), known, "{said}");
        }
    }
}
