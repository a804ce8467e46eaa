import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import type { Environment } from "./go-paths.ts";

// crypto/x509/root_linux.go of Go 1.26.
const usualFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];
const usualFolders = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/** The certificates that go trusts on this machine. */
export interface SystemRoots {
  /** In PEM. */
  readonly certificates: readonly string[];
  /** What was to be read and gave no certificate, of the places that the environment names. */
  readonly empty: readonly { readonly variable: "SSL_CERT_FILE" | "SSL_CERT_DIR"; readonly path: string }[];
}

/**
 * Reads the roots as crypto/x509 does on Linux: the first file that is there, SSL_CERT_FILE in place of the usual ones;
 * and all of the folders, SSL_CERT_DIR (parted by colons) in place of the usual ones. Elsewhere the system's own store,
 * which go asks there.
 */
export async function readSystemRoots(environment: Environment, platform: NodeJS.Platform): Promise<SystemRoots> {
  if (platform !== "linux") return { certificates: getCACertificates("system"), empty: [] };
  const { SSL_CERT_FILE: file = "", SSL_CERT_DIR: folders = "" } = environment;
  const empty: { variable: "SSL_CERT_FILE" | "SSL_CERT_DIR"; path: string }[] = [];
  const certificates = new Set<string>();
  for (const path of file === "" ? usualFiles : [file]) {
    const found = await readCertificates(path);
    if (found === null) continue;
    for (const certificate of found) certificates.add(certificate);
    break;
  }
  if (file !== "" && certificates.size === 0) empty.push({ variable: "SSL_CERT_FILE", path: file });
  for (const folder of folders === "" ? usualFolders : folders.split(":")) {
    const before = certificates.size;
    for (const name of await readdir(folder).catch(() => [])) {
      for (const certificate of (await readCertificates(join(folder, name))) ?? []) certificates.add(certificate);
    }
    const hasAny = certificates.size > before || (await readdir(folder).catch(() => [])).length > 0;
    if (folders !== "" && !hasAny) empty.push({ variable: "SSL_CERT_DIR", path: folder });
  }
  return { certificates: [...certificates], empty };
}

// Null where the file cannot be read; go passes over what is no certificate.
async function readCertificates(path: string): Promise<string[] | null> {
  const text = await readFile(path, "latin1").catch(() => null);
  return text === null ? null : (text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []);
}
