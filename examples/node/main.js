// Plays a payment over a Counterfoil gateway, from the request to the receipt.
import { randomUUID } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import grpc from "@grpc/grpc-js";
import { PaymentsService } from "./gen/counterfoil/payments/v1/payments_service_pb.js";
import { SessionStatus, SessionStatusSchema } from "./gen/counterfoil/sessions/v1/session_pb.js";
import { ErrorInfoSchema, StatusSchema } from "./gen/google/rpc/status_pb.js";

// On loopback; anywhere else, use grpc.credentials.createSsl().
const channel = new grpc.Client(process.env.COUNTERFOIL_SERVER, grpc.credentials.createInsecure());
const { method } = PaymentsService;

async function play() {
  const amount = { amount: "120", currency: "EUR" };
  const asked = await call(method.requestPayment, {
    requestId: randomUUID(), // A retry with the same one asks only once.
    amount,
    payee: handle("Ana"),
    description: "two chairs",
  });
  console.log("Ana asks:", asked.text);

  const claimed = await call(method.claimPayment, {
    requestId: randomUUID(),
    sessionId: asked.session.id,
    amount,
    payer: handle("Ben"),
  });
  console.log("Ben claims:", claimed.text);

  const text = { case: "text", value: claimed.text };
  const read = await call(method.decodeMessage, { source: text });
  console.log("Verified:", read.verdict.verified);

  const acknowledge = () =>
    call(method.acknowledgePayment, { requestId: randomUUID(), payeeToken: asked.payeeToken, claim: text });
  const receipt = await acknowledge();
  console.log("Received:", receipt.session.paidAmount.amount);
  await acknowledge().catch((refusal) => console.log("Once more:", reason(refusal)));

  const changes = watch(asked.session.id);
  for await (const change of changes) {
    console.log(`${change.sequence} ${SessionStatusSchema.value[change.session.status].name}`);
    if (change.session.status === SessionStatus.RECEIVED) break;
  }
  changes.cancel();
}

/** One call, with its deadline. */
function call(operation, fields) {
  const [path, write, read] = wire(operation);
  const options = { deadline: Date.now() + 5_000 };
  return new Promise((resolve, reject) => {
    const end = (error, answer) => (error ? reject(error) : resolve(answer));
    channel.makeUnaryRequest(path, write, read, create(operation.input, fields), new grpc.Metadata(), options, end);
  });
}

/** Every change of a session, from its first. */
function watch(sessionId) {
  const [path, write, read] = wire(method.watchSession);
  const request = create(method.watchSession.input, { sessionId, afterSequence: 0n });
  return channel.makeServerStreamRequest(path, write, read, request, { deadline: Date.now() + 20_000 });
}

/** What grpc-js needs to know of an operation. */
function wire({ parent, name, input, output }) {
  return [
    `/${parent.typeName}/${name}`,
    (request) => Buffer.from(toBinary(input, request)),
    (bytes) => fromBinary(output, bytes),
  ];
}

function handle(name) {
  return { identity: { case: "handle", value: name } };
}

/** Why a call was refused, for programs; `details` of the error says it to people. */
function reason(error) {
  const [packed] = error.metadata.get("grpc-status-details-bin");
  const details = packed ? fromBinary(StatusSchema, packed).details : [];
  return details.map((each) => anyUnpack(each, ErrorInfoSchema)).find(Boolean)?.reason ?? "none";
}

play().finally(() => channel.close());
