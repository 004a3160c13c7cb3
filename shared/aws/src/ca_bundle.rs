use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// Certificates of the authorities that may vouch for AWS's endpoints instead of Amazon's own: for a proxy that
/// opens TLS, or an emulator (`AWS_CA_BUNDLE`, as in every SDK).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CaBundle(Vec<u8>);

/// It holds no certificate, or one that cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("holds no usable certificate in PEM")]
pub struct InvalidCaBundle;

impl CaBundle {
    /// Checks every certificate: the SDK would panic on a broken one.
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
    fn certificates_are_taken_and_all_must_be_good() {
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
