// SPDX-License-Identifier: Apache-2.0
internal import CXML2

/// The types that XML Schema defines itself (https://www.w3.org/TR/xmlschema-2/).
public enum XMLSchemaType {
    /// True when `text` is a value of the type `name`, such as `integer`; false also when there is
    /// no such type.
    public static func accepts(_ text: String, as name: String) -> Bool {
        XMLLibrary.start()
        guard let type = xmlSchemaGetPredefinedType(name, "http://www.w3.org/2001/XMLSchema")
        else { return false }
        return xmlSchemaValidatePredefinedType(type, text, nil) == 0
    }
}
