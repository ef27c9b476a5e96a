/**
 * The lists of COMPACT: section "Lists" of docs/compact-format.md. Entries are only ever added, at the end.
 */

export const CURRENCIES = `
EUR USD GBP CHF JPY CNY INR BRL CAD AUD NZD SEK NOK DKK PLN CZK HUF RON BTC USDC USDT XLM AED AFN ALL AMD AOA
ARS AWG AZN BAM BBD BDT BMD BND BOB BOV BSD BTN BWP BYN BZD CDF CHE CHW COP COU CRC CUP CVE DOP DZD EGP ERN ETB
FJD FKP GEL GHS GIP GMD GTQ GYD HKD HNL HTG IDR ILS IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NPR PAB PEN PGK PHP PKR QAR RSD RUB SAR SBD SCR
SDG SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USN UYU UZS VED VES WST XAD XCD
XCG YER ZAR ZMW ZWG BIF CLP DJF GNF ISK KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF BHD IQD JOD KWD LYD OMR TND
CLF UYW
`.trim().split(/\s+/);

export const WORDS = [
  "BTC", "SEPA", "wallet", "iban", "address", "bank transfer", "bic", "name", "PayPal", "email", "phone",
  "account", "Lightning", "invoice", "memo", "network", "USDC", "USDT", "XLM", "ETH", "Stellar", "UPI", "vpa",
  "Pix", "cash", "reference", "holder", "bank", "account_number", "sort_code", "routing_number", "swift", "link",
  "Wise", "Revolut", "Venmo", "Zelle", "Twint", "Bizum", "Swish", "Blik", "Vipps", "MobilePay", "Interac",
  "M-Pesa", "IBAN", "Bitcoin", "Ethereum", "Tron", "Polygon", "asset", "note", "tag", "username", "user",
  "number", "country", "currency",
];

const TWO_DECIMALS = 2;
const OTHER_DECIMALS = {
  0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  3: "BHD IQD JOD KWD LYD OMR TND",
  4: "CLF UYW",
  6: "USDC USDT",
  7: "XLM",
  8: "BTC",
};
const DECIMALS = new Map(
  Object.entries(OTHER_DECIMALS).flatMap(([decimals, codes]) => codes.split(" ").map((code) => [code, Number(decimals)])),
);

/** How many decimals a currency has. */
export function decimalsOf(currency) {
  return DECIMALS.get(currency) ?? TWO_DECIMALS;
}
