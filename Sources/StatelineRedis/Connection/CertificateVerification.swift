/// The checks that are made of a server's certificate.
public enum CertificateVerification: String, Hashable, Sendable {
    /// The certificate is signed by a trusted authority, and for the server's name.
    case full
    /// The certificate is signed by a trusted authority, for any name.
    case withoutName = "chain"
    /// No check. The other side may be anyone, and reads everything.
    case none
}
