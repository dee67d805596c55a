// Validates an Envoy configuration (YAML, as `writ gateway envoy` prints it) by the rules of go-control-plane's types: every field is
// known, every value within its bounds, every typed_config too, however deep.
//
// usage: go run . FILE
package main

import (
	"encoding/json"
	"fmt"
	"os"

	bootstrap "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_authz/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/lua/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/upstream_codec/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protopath"
	"google.golang.org/protobuf/reflect/protorange"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
	"gopkg.in/yaml.v3"
)

type validated interface{ ValidateAll() error }

// Judges a message and each one that is packed in it, and counts those by their type.
func judge(message proto.Message, typed map[string]int) error {
	rules, ok := message.(validated)
	if !ok {
		return fmt.Errorf("%s has no rules", message.ProtoReflect().Descriptor().FullName())
	}
	if err := rules.ValidateAll(); err != nil {
		return err
	}
	var packed []proto.Message
	err := protorange.Options{Resolver: unexpanded{}}.Range(message.ProtoReflect(), func(values protopath.Values) error {
		found, ok := values.Index(-1).Value.Interface().(protoreflect.Message)
		if !ok {
			return nil
		}
		any, ok := found.Interface().(*anypb.Any)
		if !ok {
			return nil
		}
		inside, err := any.UnmarshalNew()
		packed = append(packed, inside)
		return err
	}, nil)
	for _, inside := range packed {
		if err == nil {
			typed[string(inside.ProtoReflect().Descriptor().FullName())]++
			err = judge(inside, typed)
		}
	}
	return err
}

// Finds nothing, so that what is packed is left to judge.
type unexpanded struct{}

func (unexpanded) FindExtensionByName(protoreflect.FullName) (protoreflect.ExtensionType, error) {
	return nil, protoregistry.NotFound
}

func (unexpanded) FindExtensionByNumber(protoreflect.FullName, protoreflect.FieldNumber) (protoreflect.ExtensionType, error) {
	return nil, protoregistry.NotFound
}

func (unexpanded) FindMessageByName(protoreflect.FullName) (protoreflect.MessageType, error) {
	return nil, protoregistry.NotFound
}

func (unexpanded) FindMessageByURL(string) (protoreflect.MessageType, error) {
	return nil, protoregistry.NotFound
}

func run(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return err
	}
	asJSON, err := json.Marshal(document)
	if err != nil {
		return err
	}
	var config bootstrap.Bootstrap
	if err := protojson.Unmarshal(asJSON, &config); err != nil {
		return err
	}
	typed := map[string]int{}
	if err := judge(&config, typed); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(typed)
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run . FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
