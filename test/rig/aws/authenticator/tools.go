//go:build tools

// Package tools keeps the verifier of EKS tokens in go.mod; it is built unchanged.
package tools

import _ "sigs.k8s.io/aws-iam-authenticator/cmd/aws-iam-authenticator"
