// @peculiar/x509 needs it and leaves it to its users.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type Extension,
} from "@peculiar/x509";

/** A certificate and its key, in PEM. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is for; 127.0.0.1 and localhost where left out. */
export interface CertificateRequest {
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  readonly uris?: readonly string[];
  readonly use?: "server" | "client";
  readonly expired?: boolean;
  readonly commonName?: string;
}

/** A certificate authority of a test. */
export interface TestCa {
  /** Its own certificate, in PEM. */
  readonly cert: string;
  issue(request?: CertificateRequest): Promise<IssuedCertificate>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const usageIds = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" };

/** Makes an authority with a key of its own. */
export async function testCa(name = "Test CA"): Promise<TestCa> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const root = await X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${name}`,
      keys,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.UTC(2020, 0, 1)),
      notAfter: new Date(Date.UTC(2099, 0, 1)),
      extensions: [
        new BasicConstraintsExtension(true, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ],
    },
    webcrypto,
  );
  let serial = 1;
  return {
    cert: root.toString("pem"),
    async issue(request = {}) {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      const certificate = await X509CertificateGenerator.create(
        {
          serialNumber: (++serial).toString(16).padStart(4, "0"),
          subject: `CN=${request.commonName ?? "test"}`,
          issuer: root.subject,
          publicKey: own.publicKey,
          signingKey: keys.privateKey,
          signingAlgorithm: algorithm,
          notBefore: new Date(Date.UTC(2020, 0, 1)),
          notAfter: new Date(Date.UTC(request.expired ? 2021 : 2099, 0, 1)),
          extensions: await extensions(request, root.publicKey),
        },
        webcrypto,
      );
      const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", own.privateKey);
      return { cert: certificate.toString("pem"), key: PemConverter.encode(pkcs8, "PRIVATE KEY") };
    },
  };
}

async function extensions(
  request: CertificateRequest,
  issuer: Parameters<typeof AuthorityKeyIdentifierExtension.create>[0],
): Promise<Extension[]> {
  const { names = ["localhost"], addresses = ["127.0.0.1"], uris = [], use = "server" } = request;
  return [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([usageIds[use]]),
    await AuthorityKeyIdentifierExtension.create(issuer, false, webcrypto),
    new SubjectAlternativeNameExtension([
      ...names.map((value) => ({ type: "dns" as const, value })),
      ...addresses.map((value) => ({ type: "ip" as const, value })),
      ...uris.map((value) => ({ type: "url" as const, value })),
    ]),
  ];
}
