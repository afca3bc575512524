//! A directory that listens on a port of its own: Debian's slapd, with an authority made for it, a
//! policy that locks after three wrong passwords, and the weakness on purpose that an empty password
//! is taken for nobody's sign-in, as many directories do.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use ldap3::{LdapConnAsync, Mod};
use model::{
    Ts,
    directory::{Directory, Encryption},
    ids::DirectoryId,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

const SLAPD: &str = "/usr/sbin/slapd";
const ROOT: &str = "dc=contoso,dc=com";
const ROOT_PASSWORD: &str = "root of the directory";
/// The password of the account by which people are looked up.
const ACCOUNT_PASSWORD: &str = "the account of gatehouse";
/// The password of everybody who is in it.
pub const PASSWORD: &str = "spoken by the directory 7";

/// How it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speech {
    /// TLS at one port, and TLS after a first word at the other.
    Secret,
    /// In the clear alone: it has no certificate.
    Clear,
}

/// The directory; it ends with its test.
#[derive(Debug)]
pub struct Slapd {
    folder: PathBuf,
    kept: tempfile::TempDir,
    speech: Speech,
    clear: SocketAddr,
    tls: SocketAddr,
    authority: String,
    child: Option<Child>,
}

impl Slapd {
    /// Starts one with these people, by their sign-in names.
    #[must_use]
    pub fn start(speech: Speech, people: &[&str]) -> Self {
        let program = std::env::current_exe().expect("this program is a file");
        let place = program.with_file_name("directories");
        fs::create_dir_all(&place).expect("a folder can be made beside the program");
        let kept = tempfile::tempdir_in(place).expect("a folder can be made");
        let folder = kept.path().to_owned();
        let authority = certify(&folder);
        let [clear, tls] = [free(), free()];
        let mut directory = Self { folder, kept, speech, clear, tls, authority, child: None };
        directory.fill(people);
        directory.resume();
        directory
    }

    /// How it is reached, by TLS from the first byte.
    #[must_use]
    pub fn settings(&self) -> Directory {
        Directory {
            id: DirectoryId(uuid::Uuid::nil()),
            name: "Contoso's directory".to_owned(),
            host: self.tls.ip().to_string(),
            port: self.tls.port(),
            encryption: Encryption::Tls,
            authority: self.authority.clone(),
            account: format!("cn=gatehouse,{ROOT}"),
            password: ACCOUNT_PASSWORD.into(),
            base: ROOT.to_owned(),
            filter: "(mail={name})".to_owned(),
            keep_days: 3,
            help: String::new(),
            changed_at: Ts(0),
        }
    }

    /// How it is reached by TLS after a first word.
    #[must_use]
    pub fn settings_of_start_tls(&self) -> Directory {
        let (port, encryption) = (self.clear.port(), Encryption::StartTls);
        Directory { port, encryption, ..self.settings() }
    }

    /// Goes away, as in an outage.
    pub fn pause(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("it runs");
            child.wait().expect("it ends");
        }
    }

    /// Comes back.
    pub fn resume(&mut self) {
        let log = fs::File::create(self.folder.join("log")).expect("the folder can be written");
        let mut listens = format!("ldap://{}", self.clear);
        if self.speech == Speech::Secret {
            listens = format!("{listens} ldaps://{}", self.tls);
        }
        let child = Command::new(SLAPD)
            .args(["-d", "0", "-h", &listens, "-f"])
            .arg(self.folder.join("slapd.conf"))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("slapd is installed (apt-get install slapd)");
        self.child = Some(child);
        for _ in 0..200 {
            if TcpStream::connect(self.clear).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(25));
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        assert!(
            self.child.is_none(),
            "slapd did not start in {}: {log}",
            self.kept.path().display()
        );
    }

    /// Somebody's password is another one from now on.
    pub fn set_password(&self, name: &str, password: &str) {
        self.change(name, Mod::Replace("userPassword", [password].into()));
    }

    /// Somebody is locked.
    pub fn lock(&self, name: &str) {
        self.change(name, Mod::Replace("pwdAccountLockedTime", ["000001010000Z"].into()));
    }

    /// And not any more.
    pub fn unlock(&self, name: &str) {
        self.change(name, Mod::Delete("pwdAccountLockedTime", [].into()));
    }

    /// Nobody has this name any more.
    pub fn leaves(&self, name: &str) {
        self.change(name, Mod::Replace("mail", ["somebody@else.example"].into()));
    }

    fn change(&self, name: &str, what: Mod<&str>) {
        let change = async {
            let opened = LdapConnAsync::new(&format!("ldap://{}", self.clear)).await;
            let (connection, mut ldap) = opened.expect("it is there");
            tokio::spawn(connection.drive());
            let bound = ldap.simple_bind(&format!("cn=root,{ROOT}"), ROOT_PASSWORD).await;
            bound.and_then(ldap3::LdapResult::success).expect("its own root");
            let changed = ldap.modify(&dn(name), vec![what]).await;
            changed.and_then(ldap3::LdapResult::success).expect("it can be changed");
        };
        // A test may run in a runtime already.
        thread::scope(|scope| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            scope.spawn(|| runtime.expect("a runtime").block_on(change)).join().expect("done");
        });
    }

    fn fill(&self, people: &[&str]) {
        let conf = self.folder.join("slapd.conf");
        let data = self.folder.join("data");
        fs::create_dir(&data).expect("the folder can be written");
        let place = self.folder.display();
        let tls = format!(
            "TLSCertificateFile {place}/server.pem\nTLSCertificateKeyFile {place}/server.key\n"
        );
        let tls = if self.speech == Speech::Secret { tls.as_str() } else { "" };
        let text = CONF.replace("{place}", &place.to_string()).replace("{tls}", tls);
        fs::write(&conf, text).expect("the folder can be written");
        let mut entries = ENTRIES.replace("{account}", ACCOUNT_PASSWORD);
        for name in people {
            let (dn, uid) = (dn(name), uid(name));
            let entry = format!(
                "\ndn: {dn}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\nsn: {uid}\n\
                 mail: {name}\nuserPassword: {PASSWORD}\n"
            );
            entries.push_str(&entry);
        }
        let ldif = self.folder.join("entries.ldif");
        fs::write(&ldif, entries).expect("the folder can be written");
        let filled = Command::new(SLAPD)
            .args(["-T", "add", "-f"])
            .arg(&conf)
            .arg("-l")
            .arg(&ldif)
            .output()
            .expect("slapd is installed (apt-get install slapd)");
        assert!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.pause();
    }
}

const CONF: &str = "include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile {place}/pid
allow bind_anon_dn
{tls}database mdb
suffix dc=contoso,dc=com
rootdn cn=root,dc=contoso,dc=com
rootpw \"root of the directory\"
directory {place}/data
maxsize 10485760
overlay ppolicy
ppolicy_default cn=policy,dc=contoso,dc=com
ppolicy_use_lockout
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact=cn=gatehouse,dc=contoso,dc=com read by * none
";

const ENTRIES: &str = "dn: dc=contoso,dc=com
objectClass: dcObject
objectClass: organization
o: Contoso

dn: cn=policy,dc=contoso,dc=com
objectClass: device
objectClass: pwdPolicy
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 3

dn: cn=gatehouse,dc=contoso,dc=com
objectClass: organizationalRole
objectClass: simpleSecurityObject
userPassword: {account}

dn: ou=people,dc=contoso,dc=com
objectClass: organizationalUnit

dn: ou=elsewhere,dc=contoso,dc=com
objectClass: referral
objectClass: extensibleObject
ref: ldap://127.0.0.1:9/ou=people,dc=contoso,dc=com
";

fn uid(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}

fn dn(name: &str) -> String {
    format!("uid={},ou=people,{ROOT}", uid(name))
}

fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    listener.local_addr().expect("it listens")
}

/// An authority, and a certificate of its for the server; gives the authority's own.
fn certify(folder: &Path) -> String {
    let authority = authority();
    let key = KeyPair::generate().expect("a key can be made");
    let names = ["127.0.0.1", "localhost"].map(str::to_owned);
    let params = CertificateParams::new(names).expect("names");
    let signed = params.signed_by(&key, &authority.1).expect("it can be signed");
    fs::write(folder.join("server.pem"), signed.pem()).expect("the folder can be written");
    fs::write(folder.join("server.key"), key.serialize_pem()).expect("the folder can be written");
    authority.0
}

/// An authority: its certificate, and what signs for it.
fn authority() -> (String, Issuer<'static, KeyPair>) {
    let key = KeyPair::generate().expect("a key can be made");
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).expect("it can be signed");
    (certificate.pem(), Issuer::new(params, key))
}

/// The certificate of an authority that signed nothing here.
#[must_use]
pub fn other_authority() -> String {
    authority().0
}
