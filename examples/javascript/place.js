/** A credential's place in a status list: *place* in the section "The content" of docs/compact-format.md. */

import { malformed } from "./refused.js";

const LISTS = "/status-lists/";
const UNSAID = "https://";
const ADDRESS = /^https?:\/\/[A-Za-z0-9.-]+(:[0-9]{1,5})?(\/[A-Za-z0-9._-]+)*$/;
const ADDRESS_LETTERS_MAX = 128;
const NUMBER_MAX = 2 ** 32 - 1;

/** `before` is the address that was read last, or nothing. */
export function readPlace(read, before) {
  const written = read.text();
  const address = written === "" ? before : written.startsWith("http://") ? written : UNSAID + written;
  const [listNumber, index] = [read.number(), read.number()];
  const isAddress = address.length <= ADDRESS_LETTERS_MAX && ADDRESS.test(address);
  if (!isAddress || listNumber < 1 || listNumber > NUMBER_MAX || index > NUMBER_MAX) {
    throw malformed("its place in a status list is none");
  }
  return { address, listNumber, index };
}

export function writePlace(out, { address, listNumber, index }, before) {
  out.text(address === before ? "" : address.startsWith(UNSAID) ? address.slice(UNSAID.length) : address);
  out.number(listNumber);
  out.number(index);
}

/** The `credentialStatus`. */
export function toStatus({ address, listNumber, index }) {
  const list = address + LISTS + listNumber;
  return {
    id: `${list}#${index}`,
    type: "BitstringStatusListEntry",
    statusPurpose: "revocation",
    statusListIndex: String(index),
    statusListCredential: list,
  };
}
