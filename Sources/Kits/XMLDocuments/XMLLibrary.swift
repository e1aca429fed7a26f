// SPDX-License-Identifier: Apache-2.0
internal import CXML2

/// libxml2's global state.
package enum XMLLibrary {
    /// `xmlInitParser` "should be called before any other libxml2 function in multithreaded
    /// programs"; a `static let` runs it once. From then on libxml2 opens nothing by itself.
    private static let started: Void = {
        xmlInitParser()
        xmlSetExternalEntityLoader(XMLSchemaParts.load)
    }()

    package static func start() {
        started
    }

    /// Keeps libxml2 from writing to standard error on the calling thread. Its error handler is a
    /// thread-local variable, so this is called where messages may arise, not once.
    package static func silenceThread() {
        xmlSetStructuredErrorFunc(nil) { _, _ in }
    }

    static func free(_ text: UnsafeMutablePointer<xmlChar>) {
        cxml2_free(text)
    }
}
