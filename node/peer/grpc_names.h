#pragma once

// gRPC's types by name alone, for headers that hand them on: gRPC's own headers
// are large, and few files need them.
namespace grpc {
class CallbackServerContext;
class ServerUnaryReactor;
class Service;
}  // namespace grpc
