// SPDX-License-Identifier: Apache-2.0
public import Attestation
public import Pipeline
public import Signatures
public import StratusLab

/// A key or certificate that cannot be used is never the request's fault: the worker stops, and
/// the event stays in its queue.
extension SignaturesError: Disposed {
    public var disposition: Disposition { .fatal }
}

extension StratusLabError: Disposed {
    public var disposition: Disposition {
        if case .signing = self { .fatal } else { .permanent }
    }
}

/// What cannot be written as canonical JSON is the request's fault.
extension AttestationError: Disposed {
    public var disposition: Disposition { .permanent }
}
