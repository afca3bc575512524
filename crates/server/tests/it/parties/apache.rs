//! A relying party in Apache, and curl as its browser.

use std::process::Command;

use tempfile::TempDir;

use super::{folder, run};

/// Apache with a module for sign-ins, from Debian's packages, on a port of its own.
pub(super) struct Apache {
    pub(super) folder: TempDir,
    pub(super) origin: String,
}

const CONFIGURATION: &str = r#"
ServerRoot "{folder}"
PidFile "{folder}/apache.pid"
ServerName localhost
Listen 127.0.0.1:{port}
ErrorLog "{folder}/error.log"
User www-data
Group www-data
DocumentRoot "{folder}/www"
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule headers_module {modules}/mod_headers.so
"#;

/// What is said of `mod_auth_mellon`.
pub(super) const MELLON: &str = r#"
LoadModule auth_mellon_module {modules}/mod_auth_mellon.so
MellonLockFile "{folder}/mellon.lock"
<Location "/">
  MellonEnable "info"
  MellonEndpointPath "/mellon"
  MellonSPMetadataFile "{folder}/sp.xml"
  MellonSPPrivateKeyFile "{folder}/key.pem"
  MellonSPCertFile "{folder}/cert.pem"
  MellonIdPMetadataFile "{folder}/idp.xml"
  MellonSignatureMethod rsa-sha256
  MellonUser "mail"
</Location>
<Location "/secret">
  AuthType "Mellon"
  MellonEnable "auth"
  Require valid-user
  Header set X-User "expr=%{REMOTE_USER}"
</Location>
"#;

/// What is said of `mod_auth_openidc`, beside the client's id and secret and our issuer.
pub(super) const OPENIDC: &str = r#"
LoadModule authn_file_module {modules}/mod_authn_file.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so
LogLevel auth_openidc:debug
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client}
OIDCClientSecret {secret}
OIDCRedirectURI {origin}/oidc/callback
OIDCCryptoPassphrase only-for-this-test
OIDCScope "openid email profile"
OIDCPKCEMethod S256
OIDCResponseMode {mode}
OIDCProviderAuthRequestMethod GET
OIDCRemoteUserClaim email
OIDCIDTokenIatSlack 600
OIDCCookieSameSite Off
<Location "/">
  AuthType openid-connect
  Require valid-user
</Location>
<Location "/secret">
  Header set X-User "expr=%{REMOTE_USER}"
</Location>
"#;

impl Apache {
    pub(super) fn new() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        Self { folder: folder(), origin: format!("http://127.0.0.1:{port}") }
    }

    pub(super) fn at(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    pub(super) fn metadata(&self) -> String {
        let pem = std::fs::read_to_string(self.at("cert.pem")).unwrap();
        let certificate: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let origin = &self.origin;
        let xml = format!(
            "<EntityDescriptor entityID=\"{origin}/mellon/metadata\" \
             xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\"><SPSSODescriptor \
             AuthnRequestsSigned=\"true\" WantAssertionsSigned=\"true\" \
             protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
             <KeyDescriptor use=\"signing\"><ds:KeyInfo \
             xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>\
             {certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>\
             <SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
             Location=\"{origin}/mellon/logout\"/><NameIDFormat>\
             urn:oasis:names:tc:SAML:2.0:nameid-format:transient</NameIDFormat>\
             <AssertionConsumerService index=\"0\" isDefault=\"true\" \
             Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
             Location=\"{origin}/mellon/postResponse\"/></SPSSODescriptor></EntityDescriptor>"
        );
        std::fs::write(self.at("sp.xml"), &xml).unwrap();
        xml
    }

    /// Starts it with what is said of a module.
    pub(super) fn start(&self, module: &str) {
        let folder = self.folder.path();
        std::fs::create_dir_all(folder.join("www/secret")).unwrap();
        std::fs::write(folder.join("www/secret/index.html"), "a secret").unwrap();
        let port = self.origin.rsplit(':').next().unwrap();
        let text = (CONFIGURATION.to_owned() + module)
            .replace("{origin}", &self.origin)
            .replace("{folder}", &folder.display().to_string())
            .replace("{port}", port)
            .replace("{modules}", "/usr/lib/apache2/modules");
        std::fs::write(folder.join("apache.conf"), text).unwrap();
        run("chmod", &["-R", "a+rX", &folder.display().to_string()]);
        run("/usr/sbin/apache2", &["-f", &self.at("apache.conf"), "-k", "start"]);
        for _ in 0..100 {
            let address = self.origin.strip_prefix("http://").unwrap();
            if std::net::TcpStream::connect(address).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("{}", std::fs::read_to_string(self.at("error.log")).unwrap_or_default());
    }

    /// Asks with curl, which keeps Apache's cookies: status, location, user, body.
    pub(super) fn ask(&self, path: &str, form: &[(String, String)]) -> (String, String, String) {
        let (jar, url) = (self.at("jar"), format!("{}{path}", self.origin));
        let format = "%{http_code}|%{redirect_url}|%header{x-user}";
        let mut arguments =
            vec!["-s", "-o", "/dev/null", "-b", &jar, "-c", &jar, "-w", format, &url];
        let fields: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        for field in &fields {
            arguments.extend(["--data-urlencode", field]);
        }
        let said = run("curl", &arguments);
        let mut parts = said.split('|').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        (next(), next(), next())
    }

    pub(super) fn path<'a>(&self, address: &'a str) -> &'a str {
        let log = std::fs::read_to_string(self.at("error.log")).unwrap_or_default();
        address.strip_prefix(&self.origin).unwrap_or_else(|| panic!("{address}\n{log}"))
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        let _ = Command::new("/usr/sbin/apache2")
            .args(["-f", &self.at("apache.conf"), "-k", "stop"])
            .output();
    }
}
