// Plays a payment over a Counterfoil gateway, from the request to the receipt.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	messages "counterfoil.example/gen/counterfoil/messages/v1"
	pb "counterfoil.example/gen/counterfoil/payments/v1"
	sessions "counterfoil.example/gen/counterfoil/sessions/v1"
)

func main() {
	// On loopback; anywhere else, use credentials.NewTLS(nil).
	plain := grpc.WithTransportCredentials(insecure.NewCredentials())
	connection := must(grpc.NewClient(os.Getenv("COUNTERFOIL_SERVER"), plain))
	defer connection.Close()
	gateway := pb.NewPaymentsServiceClient(connection)
	// One deadline for all calls together; each could have its own.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()

	amount := &messages.Money{Amount: "120", Currency: "EUR"}
	asked := must(gateway.RequestPayment(ctx, &pb.RequestPaymentRequest{
		RequestId:   uuid.NewString(), // A retry with the same one asks only once.
		Amount:      amount,
		Payee:       handle("Ana"),
		Description: "two chairs",
	}))
	fmt.Println("Ana asks:", asked.Text)

	claimed := must(gateway.ClaimPayment(ctx, &pb.ClaimPaymentRequest{
		RequestId: uuid.NewString(),
		SessionId: asked.Session.Id,
		Amount:    amount,
		Payer:     handle("Ben"),
	}))
	fmt.Println("Ben claims:", claimed.Text)

	source := &pb.DecodeMessageRequest_Text{Text: claimed.Text}
	read := must(gateway.DecodeMessage(ctx, &pb.DecodeMessageRequest{Source: source}))
	fmt.Println("Verified:", read.Verdict.Verified)

	acknowledge := func() (*pb.AcknowledgePaymentResponse, error) {
		return gateway.AcknowledgePayment(ctx, &pb.AcknowledgePaymentRequest{
			RequestId:  uuid.NewString(),
			PayeeToken: asked.PayeeToken,
			Claim:      &pb.AcknowledgePaymentRequest_Text{Text: claimed.Text},
		})
	}
	fmt.Println("Received:", must(acknowledge()).Session.PaidAmount.Amount)
	_, err := acknowledge()
	fmt.Println("Once more:", reason(err))

	start := int64(0)
	watching := &pb.WatchSessionRequest{SessionId: asked.Session.Id, AfterSequence: &start}
	changes := must(gateway.WatchSession(ctx, watching))
	for change := must(changes.Recv()); ; change = must(changes.Recv()) {
		fmt.Println(change.Sequence, change.Session.Status)
		if change.Session.Status == sessions.SessionStatus_SESSION_STATUS_RECEIVED {
			return
		}
	}
}

func handle(name string) *messages.Party {
	return &messages.Party{Identity: &messages.Party_Handle{Handle: name}}
}

// reason is why a call was refused, for programs; the status's message is for people.
func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.Reason
		}
	}
	return "none"
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
