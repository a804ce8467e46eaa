import { failed, type Answer } from "./answer.ts";
import { failure, type Failure } from "./failure.ts";
import { gunzip } from "./gunzip.ts";
import type { CallReply } from "./http-call.ts";
import { headerOf } from "./text-start.ts";
import { codeOf, transportFailure } from "./transport-failure.ts";

/** The answer in a 200: its body unpacked where it came as gzip; damaged where it came in another coding. */
export function foundAnswer(reply: CallReply): Answer {
  const { headers, done } = reply;
  const cancel = (): void => reply.cancel();
  const coding = (headerOf(headers, "content-encoding") ?? "identity").trim().toLowerCase();
  const isGzip = coding === "gzip" || coding === "x-gzip";
  if (!isGzip && coding !== "identity" && coding !== "") {
    cancel();
    return failed(
      failure("damaged", `200 in Content-Encoding "${coding.slice(0, 40)}", which was not asked for`, { status: 200 }),
    );
  }
  const length = headerOf(headers, "content-length");
  let broken: Failure | null = null;
  let bytes = 0;
  const count = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of reply.chunks) {
      bytes += chunk.length;
      yield chunk;
    }
  };
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* isGzip ? gunzip(count()) : count();
    } catch (error) {
      broken = codeOf(error).startsWith("Z_") ? brokenGzip(error) : brokenOff(error, bytes, length);
      throw error;
    }
  };
  return {
    kind: "found",
    body: {
      chunks: chunks(),
      size: length === null || isGzip ? null : Number(length),
      contentType: headerOf(headers, "content-type"),
      etag: headerOf(headers, "etag"),
      lastModified: headerOf(headers, "last-modified"),
    },
    brokenBy: () => broken,
    done,
    cancel,
  };
}

function brokenOff(error: unknown, bytes: number, length: string | null): Failure {
  const why = transportFailure(error);
  const reason = `200, then broken off after ${bytes}${length === null ? "" : ` of ${length}`} bytes: ${why.reason}`;
  return { ...why, reason, status: 200, mayRetry: true, blame: "request" };
}

function brokenGzip(error: unknown): Failure {
  const said = error instanceof Error ? error.message : "";
  return failure("damaged", `200 in Content-Encoding gzip, which is no gzip: ${said}`, { status: 200 });
}
