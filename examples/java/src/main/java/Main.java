/** Plays a payment over a Counterfoil gateway, from the request to the receipt. */

import com.google.rpc.ErrorInfo;
import counterfoil.messages.v1.MessageOuterClass.Money;
import counterfoil.messages.v1.MessageOuterClass.Party;
import counterfoil.payments.v1.PaymentsServiceGrpc;
import counterfoil.payments.v1.PaymentsServiceGrpc.PaymentsServiceBlockingStub;
import counterfoil.payments.v1.PaymentsServiceOuterClass.AcknowledgePaymentRequest;
import counterfoil.payments.v1.PaymentsServiceOuterClass.AcknowledgePaymentResponse;
import counterfoil.payments.v1.PaymentsServiceOuterClass.ClaimPaymentRequest;
import counterfoil.payments.v1.PaymentsServiceOuterClass.DecodeMessageRequest;
import counterfoil.payments.v1.PaymentsServiceOuterClass.RequestPaymentRequest;
import counterfoil.payments.v1.PaymentsServiceOuterClass.WatchSessionRequest;
import counterfoil.sessions.v1.SessionOuterClass.SessionStatus;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

public class Main {
  public static void main(String[] arguments) throws Exception {
    // On loopback; anywhere else, use TlsChannelCredentials.create().
    var channel =
        Grpc.newChannelBuilder(System.getenv("COUNTERFOIL_SERVER"), InsecureChannelCredentials.create()).build();
    try {
      play(PaymentsServiceGrpc.newBlockingStub(channel));
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  static void play(PaymentsServiceBlockingStub gateway) throws Exception {
    var amount = Money.newBuilder().setAmount("120").setCurrency("EUR");
    var asked = soon(gateway).requestPayment(
        RequestPaymentRequest.newBuilder()
            .setRequestId(newId()) // A retry with the same one asks only once.
            .setAmount(amount)
            .setPayee(Party.newBuilder().setHandle("Ana"))
            .setDescription("two chairs")
            .build());
    System.out.println("Ana asks: " + asked.getText());

    var claimed = soon(gateway).claimPayment(
        ClaimPaymentRequest.newBuilder()
            .setRequestId(newId())
            .setSessionId(asked.getSession().getId())
            .setAmount(amount)
            .setPayer(Party.newBuilder().setHandle("Ben"))
            .build());
    System.out.println("Ben claims: " + claimed.getText());

    var read = soon(gateway).decodeMessage(DecodeMessageRequest.newBuilder().setText(claimed.getText()).build());
    System.out.println("Verified: " + read.getVerdict().getVerified());

    var receipt = acknowledge(gateway, claimed.getText(), asked.getPayeeToken());
    System.out.println("Received: " + receipt.getSession().getPaidAmount().getAmount());
    try {
      acknowledge(gateway, claimed.getText(), asked.getPayeeToken());
    } catch (StatusRuntimeException refusal) {
      System.out.println("Once more: " + reason(refusal));
    }

    var watching = WatchSessionRequest.newBuilder().setSessionId(asked.getSession().getId()).setAfterSequence(0);
    var changes = gateway.withDeadlineAfter(20, TimeUnit.SECONDS).watchSession(watching.build());
    while (changes.hasNext()) {
      var change = changes.next();
      System.out.println(change.getSequence() + " " + change.getSession().getStatus());
      if (change.getSession().getStatus() == SessionStatus.SESSION_STATUS_RECEIVED) return;
    }
  }

  static AcknowledgePaymentResponse acknowledge(PaymentsServiceBlockingStub gateway, String claim, String token) {
    return soon(gateway).acknowledgePayment(
        AcknowledgePaymentRequest.newBuilder().setRequestId(newId()).setPayeeToken(token).setText(claim).build());
  }

  /** A deadline counts from when it is set, so every call gets its own. */
  static PaymentsServiceBlockingStub soon(PaymentsServiceBlockingStub gateway) {
    return gateway.withDeadlineAfter(5, TimeUnit.SECONDS);
  }

  static String newId() {
    return UUID.randomUUID().toString();
  }

  /** Why a call was refused, for programs; the status's description says it to people. */
  static String reason(StatusRuntimeException refusal) throws Exception {
    for (var detail : StatusProto.fromThrowable(refusal).getDetailsList()) {
      if (detail.is(ErrorInfo.class)) return detail.unpack(ErrorInfo.class).getReason();
    }
    return "none";
  }
}
