// In which order a server may speak, and which logins we make. pg takes every message at any time:
// a second SASL challenge starts a second key derivation, a login that ends in the middle of SCRAM
// leaves the server unproven, and a request that pg does not know ends the process. What the
// connection URI demands of a login is kept here too, since pg has no setting for it.

import type { LoginMethod, LoginTerms } from "../../domain/supply/connection-parameters.ts";
import { BrokenProtocol, LoginNotMade } from "../database/failures.ts";
import { UnfitRounds } from "./failures.ts";
import { checkMessage, mechanismsIn } from "./messages.ts";

/** What the URI and the line ask of a login. */
export interface LoginDemands extends Pick<LoginTerms, "channelBinding" | "loginMethods"> {
  /** Why no password may be sent as it is; undefined: it may. */
  readonly secrecy: string | undefined;
}

/** What pg calls authentication requests, by their number. */
const request = { done: 0, password: 3, md5: 5, sasl: 10, saslContinue: 11, saslFinal: 12 };

const foreignLogins: Readonly<Record<number, string>> = {
  2: "Kerberos V5",
  6: "SCM credentials",
  7: "GSSAPI",
  8: "GSSAPI",
  9: "SSPI",
};

/** Bytes of one SASL message, or of the list of mechanisms. PostgreSQL's are of about 100. */
const maxLoginBytes = 2_048;

/**
 * Rounds by which SCRAM makes a password dear to guess. A server that asks for one round, and need
 * not be the user's own, would get a proof that is as cheap to guess from as MD5: RFC 7677 asks for
 * 4096, which is PostgreSQL's default. More than the most would cost time of the server's choice.
 */
const leastRounds = 4_096;
const mostRounds = 100_000;

const duringLogin = "REN";
const afterLogin = "SKENZ";
const inSession = "TDC123tnsIZENSA";

/** Follows one session from its first message on. */
export class Conversation {
  readonly #demands: LoginDemands;
  readonly #columns: number;
  #allowed = duringLogin;
  #requests: readonly number[] = [request.done, request.password, request.md5, request.sasl];
  #method: LoginMethod = "none";

  /** `columns`: how many a row of an answer may have at most. */
  constructor(demands: LoginDemands, columns = 1) {
    this.#demands = demands;
    this.#columns = columns;
  }

  /** How the login was made, once it was. */
  get method(): LoginMethod {
    return this.#method;
  }

  /** Throws BrokenProtocol or LoginNotMade if pg must not see it. */
  check(code: string, body: Buffer): void {
    checkMessage(code, body, this.#columns);
    if (!this.#allowed.includes(code)) throw new BrokenProtocol("a message out of its order");
    if (code === "R") this.#checkRequest(body.readInt32BE(0), body.subarray(4));
    if (code === "Z") this.#allowed = inSession;
  }

  #checkRequest(number: number, body: Buffer): void {
    const foreign = foreignLogins[number] ?? `request ${number}`;
    if (!Object.values(request).includes(number)) throw new LoginNotMade(`it asks for ${foreign}`);
    if (!this.#requests.includes(number)) throw new BrokenProtocol("a login out of its order");
    if (body.length > maxLoginBytes) throw new BrokenProtocol("a login message that is too long");
    switch (number) {
      case request.done:
        this.#finish(body);
        return;
      case request.sasl:
        this.#startSasl(body);
        return;
      case request.saslContinue:
        checkRounds(body.toString());
        this.#requests = [request.saslFinal];
        return;
      case request.saslFinal:
        this.#requests = [request.done];
        return;
      default:
        this.#startPassword(number, body);
    }
  }

  #startPassword(number: number, body: Buffer): void {
    const isClear = number === request.password;
    expectLength(body, isClear ? 0 : 4);
    this.#choose(isClear ? "password" : "md5");
    const { secrecy } = this.#demands;
    if (isClear && secrecy !== undefined) {
      throw new LoginNotMade(`it asks for the password in clear text, and ${secrecy}`);
    }
    this.#requests = [request.done];
  }

  #startSasl(body: Buffer): void {
    const mechanisms = mechanismsIn(body);
    this.#choose("scram-sha-256");
    if (this.#demands.channelBinding && !mechanisms.includes("SCRAM-SHA-256-PLUS")) {
      throw new LoginNotMade("it offers no channel binding, and the URI requires it");
    }
    this.#requests = [request.saslContinue];
  }

  #finish(body: Buffer): void {
    expectLength(body, 0);
    if (this.#method === "none") this.#choose("none");
    this.#requests = [];
    this.#allowed = afterLogin;
  }

  #choose(method: LoginMethod): void {
    this.#method = method;
    const { loginMethods, channelBinding } = this.#demands;
    const asks = method === "none" ? "it asks for no proof" : `it asks for a login by ${method}`;
    if (channelBinding && method !== "scram-sha-256") {
      throw new LoginNotMade(`${asks}, and the URI requires channel binding`);
    }
    if (!loginMethods.includes(method)) {
      throw new LoginNotMade(`${asks}, and the URI's require_auth does not allow that`);
    }
  }
}

function checkRounds(challenge: string): void {
  const [rounds, ...others] = challenge.split(",").filter((part) => part.startsWith("i="));
  const count = /^i=([1-9]\d{0,9})$/.exec(rounds ?? "")?.[1];
  if (count === undefined || others.length > 0) {
    throw new BrokenProtocol("a SCRAM challenge without its rounds");
  }
  if (Number(count) < leastRounds || Number(count) > mostRounds) {
    throw new UnfitRounds(count, `${leastRounds} to ${mostRounds}`);
  }
}

// pg takes a password request of another length for the end of the login.
function expectLength(body: Buffer, length: number): void {
  if (body.length !== length) throw new BrokenProtocol("a login message of the wrong length");
}
