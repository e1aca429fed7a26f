// SPDX-License-Identifier: Apache-2.0
internal import CXML2
internal import Synchronization

/// Where libxml2 finds the parts of a schema that is being compiled: in memory.
enum XMLSchemaParts {
    /// Addresses are `imprimatur:/<number>/<name>`; nothing else in libxml2 resolves them.
    private static let scheme = "imprimatur:/"

    private struct Registry {
        var count = 0
        var texts: [String: String] = [:]
    }

    private static let registry = Mutex(Registry())

    /// Makes `parts` readable under the address that `body` gets, and forgets them afterwards.
    static func withParts<R>(_ parts: [String: String], _ body: (String) -> R) -> R {
        let address = registry.withLock { registry in
            registry.count += 1
            let address = "\(scheme)\(registry.count)/"
            for (name, text) in parts { registry.texts[address + name] = text }
            return address
        }
        defer {
            registry.withLock { registry in
                for name in parts.keys { registry.texts[address + name] = nil }
            }
        }
        return body(address)
    }

    /// libxml2 asks for everything outside the bytes it was given here: the parts of a schema it
    /// gets, and nothing else, be it a file or on the network.
    static let load: xmlExternalEntityLoader = { address, _, context in
        guard let address, let text = text(at: String(cString: address)),
            let length = CInt(exactly: text.utf8.count),
            let buffer = xmlParserInputBufferCreateMem(text, length, XML_CHAR_ENCODING_NONE)
        else { return nil }
        guard let input = xmlNewIOInputStream(context, buffer, XML_CHAR_ENCODING_NONE) else {
            xmlFreeParserInputBuffer(buffer)
            return nil
        }
        // The name against which libxml2 resolves further imports; freed with the input.
        let name = UnsafeRawPointer(address).assumingMemoryBound(to: xmlChar.self)
        input.pointee.filename = xmlStrdup(name).map {
            UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)
        }
        return input
    }

    private static func text(at address: String) -> String? {
        registry.withLock { $0.texts[address] }
    }
}
