// @peculiar/x509 needs it and leaves it to its users.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** A certificate that clients refuse, with its key and the authority that has signed it, in PEM. */
export interface BadCertificate {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const serverUse = "1.3.6.1.5.5.7.3.1";
const day = 86_400_000;

/**
 * A certificate for 127.0.0.1 that ended yesterday, or one of today for another name. Whoever trusts its authority sees
 * that fault alone; whoever does not may see an unknown authority in its place.
 */
export async function badCertificate(fault: "tls-expired" | "tls-wrong-name"): Promise<BadCertificate> {
  const now = Date.now();
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      name: "CN=modgate fault",
      keys: authorityKeys,
      signingAlgorithm: algorithm,
      notBefore: new Date(now - 400 * day),
      notAfter: new Date(now + 400 * day),
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    },
    webcrypto,
  );
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const isExpired = fault === "tls-expired";
  const names = isExpired
    ? [{ type: "ip" as const, value: "127.0.0.1" }]
    : [{ type: "dns" as const, value: "other-name.invalid" }];
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: "02",
      subject: "CN=modgate fault server",
      issuer: authority.subject,
      notBefore: new Date(now - 30 * day),
      notAfter: new Date(isExpired ? now - day : now + 30 * day),
      signingKey: authorityKeys.privateKey,
      publicKey: keys.publicKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([serverUse]),
        new SubjectAlternativeNameExtension(names),
      ],
    },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    cert: certificate.toString("pem"),
    key: PemConverter.encode(key, "PRIVATE KEY"),
    ca: authority.toString("pem"),
  };
}
