use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// Root certificates to trust instead of Amazon's, for a proxy that terminates TLS or for an emulator
/// (`AWS_CA_BUNDLE`, as in every SDK).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CaBundle(Vec<u8>);

/// The bundle has no certificate or an unreadable one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("contains no certificate in PEM format, or an invalid one")]
pub struct InvalidCaBundle;

impl CaBundle {
    /// Checks every certificate, because the SDK panics on an invalid one.
    pub fn parse(pem: Vec<u8>) -> Result<Self, InvalidCaBundle> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|_| InvalidCaBundle)?;
            roots.add(certificate).map_err(|_| InvalidCaBundle)?;
        }
        if roots.is_empty() {
            return Err(InvalidCaBundle);
        }
        Ok(Self(pem))
    }

    pub(crate) fn pem(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::AMAZON_ROOTS;

    #[test]
    fn every_certificate_must_be_valid() {
        assert!(CaBundle::parse(AMAZON_ROOTS.to_vec()).is_ok());
        let garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for pem in [
            b"".to_vec(),
            b"none".to_vec(),
            garbage.into(),
            [AMAZON_ROOTS, garbage.as_bytes()].concat(),
        ] {
            assert_eq!(CaBundle::parse(pem), Err(InvalidCaBundle));
        }
    }
}
