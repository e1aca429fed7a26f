// SPDX-License-Identifier: Apache-2.0

/// The files of `schemas/xsd`, so that programs need none; a test compares them.
enum MetadataSchemaText {
    /// Texts by file name.
    static let parts = [
        "metadata.xsd": metadata,
        "slreq.xsd": slreq,
        "slterms.xsd": slterms,
        "dcterms.xsd": dcterms,
        "dc.xsd": dc,
        "xml.xsd": xml,
        "xmldsig.xsd": xmldsig,
    ]

    private static let metadata = #"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- SPDX-License-Identifier: Apache-2.0 -->
        <!--
            What StratusLab image metadata looks like: the one description of an image, in rdf:RDF,
            and the signature behind it. Required elements come first, in this order; others follow
            in any order, and those that one of these schemas declares keep to it.
        -->
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
            xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
            xmlns:dcterms="http://purl.org/dc/terms/"
            xmlns:slreq="http://mp.stratuslab.eu/slreq#"
            xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
            targetNamespace="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
            elementFormDefault="qualified">
            <xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="xml.xsd"/>
            <xs:import namespace="http://purl.org/dc/terms/" schemaLocation="dcterms.xsd"/>
            <xs:import namespace="http://purl.org/dc/elements/1.1/" schemaLocation="dc.xsd"/>
            <xs:import namespace="http://mp.stratuslab.eu/slreq#" schemaLocation="slreq.xsd"/>
            <xs:import namespace="http://mp.stratuslab.eu/slterms#" schemaLocation="slterms.xsd"/>
            <xs:import namespace="http://www.w3.org/2000/09/xmldsig#" schemaLocation="xmldsig.xsd"/>

            <xs:element name="RDF">
                <xs:complexType>
                    <xs:sequence>
                        <xs:element name="Description" type="rdf:image"/>
                        <xs:element ref="ds:Signature" minOccurs="0"/>
                    </xs:sequence>
                    <xs:attribute ref="xml:base"/>
                </xs:complexType>
            </xs:element>

            <xs:complexType name="image">
                <xs:sequence>
                    <xs:element name="type" minOccurs="0"/>
                    <xs:element ref="dcterms:identifier"/>
                    <xs:element ref="slreq:bytes"/>
                    <xs:element ref="slreq:checksum" maxOccurs="unbounded"/>
                    <xs:element ref="slreq:endorsement"/>
                    <xs:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/>
                </xs:sequence>
                <xs:attribute name="about" form="qualified" use="required">
                    <xs:simpleType>
                        <xs:restriction base="xs:string">
                            <xs:pattern value="#[A-Za-z0-9_\-]{27}"/>
                        </xs:restriction>
                    </xs:simpleType>
                </xs:attribute>
            </xs:complexType>

            <!-- Behind the required elements rdf:type is a text. -->
            <xs:element name="type" type="xs:string"/>

            <xs:attribute name="parseType">
                <xs:simpleType>
                    <xs:restriction base="xs:string">
                        <xs:enumeration value="Resource"/>
                    </xs:restriction>
                </xs:simpleType>
            </xs:attribute>
        </xs:schema>

        """#

    private static let slreq = #"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- SPDX-License-Identifier: Apache-2.0 -->
        <!-- The elements that each description needs. Unsigned, an endorsement is empty. -->
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
            xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
            xmlns:dcterms="http://purl.org/dc/terms/"
            xmlns:slreq="http://mp.stratuslab.eu/slreq#"
            targetNamespace="http://mp.stratuslab.eu/slreq#"
            elementFormDefault="qualified">
            <xs:import namespace="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
                schemaLocation="metadata.xsd"/>
            <xs:import namespace="http://purl.org/dc/terms/" schemaLocation="dcterms.xsd"/>

            <xs:element name="bytes" type="slreq:count"/>

            <xs:element name="checksum">
                <xs:complexType>
                    <xs:sequence>
                        <xs:element name="algorithm" type="xs:string"/>
                        <xs:element name="value" type="slreq:hexadecimal"/>
                    </xs:sequence>
                    <xs:attribute ref="rdf:parseType" use="required"/>
                </xs:complexType>
            </xs:element>

            <xs:element name="endorsement">
                <xs:complexType>
                    <xs:sequence minOccurs="0">
                        <xs:element ref="dcterms:created"/>
                        <xs:element ref="slreq:endorser"/>
                    </xs:sequence>
                    <xs:attribute ref="rdf:parseType" use="required"/>
                </xs:complexType>
            </xs:element>

            <xs:element name="endorser">
                <xs:complexType>
                    <xs:sequence>
                        <xs:element ref="slreq:email"/>
                        <xs:element ref="slreq:subject"/>
                        <xs:element ref="slreq:issuer" maxOccurs="unbounded"/>
                    </xs:sequence>
                    <xs:attribute ref="rdf:parseType" use="required"/>
                </xs:complexType>
            </xs:element>

            <xs:element name="email">
                <xs:simpleType>
                    <xs:restriction base="xs:string">
                        <xs:pattern value="[A-Za-z0-9._%+\-]+@[A-Za-z0-9.\-]+"/>
                    </xs:restriction>
                </xs:simpleType>
            </xs:element>
            <xs:element name="subject" type="xs:string"/>
            <xs:element name="issuer" type="xs:string"/>

            <!-- xs:nonNegativeInteger, however many digits: libxml2 stops at 24. -->
            <xs:simpleType name="count">
                <xs:restriction base="xs:token">
                    <xs:pattern value="\+?[0-9]+|-0+"/>
                </xs:restriction>
            </xs:simpleType>

            <xs:simpleType name="hexadecimal">
                <xs:restriction base="xs:string">
                    <xs:pattern value="[A-Fa-f0-9]+"/>
                </xs:restriction>
            </xs:simpleType>
        </xs:schema>

        """#

    private static let slterms = #"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- SPDX-License-Identifier: Apache-2.0 -->
        <!-- StratusLab's optional elements. -->
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
            xmlns:slterms="http://mp.stratuslab.eu/slterms#"
            targetNamespace="http://mp.stratuslab.eu/slterms#"
            elementFormDefault="qualified">
            <xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="xml.xsd"/>

            <xs:element name="serial-number" type="slterms:count"/>
            <xs:element name="version" type="xs:string"/>
            <xs:element name="deprecated" type="xs:string"/>
            <xs:element name="os" type="xs:string"/>
            <xs:element name="os-version" type="xs:string"/>
            <xs:element name="os-arch" type="xs:string"/>
            <xs:element name="hypervisor" type="xs:string"/>
            <xs:element name="location" type="xs:anyURI"/>
            <xs:element name="inbound-port" type="slterms:port"/>
            <xs:element name="outbound-port" type="slterms:port"/>
            <xs:element name="icmp" type="slterms:icmp"/>

            <!-- StratusLab's own schema leaves these two open. They are read as texts. -->
            <xs:element name="kind" type="slterms:text"/>
            <xs:element name="disks-bus" type="slterms:text"/>

            <!-- xs:nonNegativeInteger, however many digits: libxml2 stops at 24. -->
            <xs:simpleType name="count">
                <xs:restriction base="xs:token">
                    <xs:pattern value="\+?[0-9]+|-0+"/>
                </xs:restriction>
            </xs:simpleType>

            <xs:simpleType name="port">
                <xs:restriction base="xs:integer">
                    <xs:minInclusive value="0"/>
                    <xs:maxInclusive value="65535"/>
                </xs:restriction>
            </xs:simpleType>

            <xs:simpleType name="icmp">
                <xs:restriction base="xs:integer">
                    <xs:minInclusive value="0"/>
                    <xs:maxInclusive value="255"/>
                </xs:restriction>
            </xs:simpleType>

            <xs:complexType name="text">
                <xs:simpleContent>
                    <xs:extension base="xs:string">
                        <xs:attribute ref="xml:lang"/>
                    </xs:extension>
                </xs:simpleContent>
            </xs:complexType>
        </xs:schema>

        """#

    private static let dcterms = #"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- SPDX-License-Identifier: Apache-2.0 -->
        <!-- DCMI terms: texts with an optional language. -->
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
            xmlns:dcterms="http://purl.org/dc/terms/"
            targetNamespace="http://purl.org/dc/terms/"
            elementFormDefault="qualified">
            <xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="xml.xsd"/>

            <xs:complexType name="text">
                <xs:simpleContent>
                    <xs:extension base="xs:string">
                        <xs:attribute ref="xml:lang"/>
                    </xs:extension>
                </xs:simpleContent>
            </xs:complexType>

            <xs:element name="title" type="dcterms:text"/>
            <xs:element name="creator" type="dcterms:text"/>
            <xs:element name="subject" type="dcterms:text"/>
            <xs:element name="description" type="dcterms:text"/>
            <xs:element name="publisher" type="dcterms:text"/>
            <xs:element name="contributor" type="dcterms:text"/>
            <xs:element name="date" type="dcterms:text"/>
            <xs:element name="type" type="dcterms:text"/>
            <xs:element name="format" type="dcterms:text"/>
            <xs:element name="identifier" type="dcterms:text"/>
            <xs:element name="source" type="dcterms:text"/>
            <xs:element name="language" type="dcterms:text"/>
            <xs:element name="relation" type="dcterms:text"/>
            <xs:element name="coverage" type="dcterms:text"/>
            <xs:element name="rights" type="dcterms:text"/>
            <xs:element name="alternative" type="dcterms:text"/>
            <xs:element name="tableOfContents" type="dcterms:text"/>
            <xs:element name="abstract" type="dcterms:text"/>
            <xs:element name="created" type="dcterms:text"/>
            <xs:element name="valid" type="dcterms:text"/>
            <xs:element name="available" type="dcterms:text"/>
            <xs:element name="issued" type="dcterms:text"/>
            <xs:element name="modified" type="dcterms:text"/>
            <xs:element name="dateAccepted" type="dcterms:text"/>
            <xs:element name="dateCopyrighted" type="dcterms:text"/>
            <xs:element name="dateSubmitted" type="dcterms:text"/>
            <xs:element name="extent" type="dcterms:text"/>
            <xs:element name="medium" type="dcterms:text"/>
            <xs:element name="isVersionOf" type="dcterms:text"/>
            <xs:element name="hasVersion" type="dcterms:text"/>
            <xs:element name="isReplacedBy" type="dcterms:text"/>
            <xs:element name="replaces" type="dcterms:text"/>
            <xs:element name="isRequiredBy" type="dcterms:text"/>
            <xs:element name="requires" type="dcterms:text"/>
            <xs:element name="isPartOf" type="dcterms:text"/>
            <xs:element name="hasPart" type="dcterms:text"/>
            <xs:element name="isReferencedBy" type="dcterms:text"/>
            <xs:element name="references" type="dcterms:text"/>
            <xs:element name="isFormatOf" type="dcterms:text"/>
            <xs:element name="hasFormat" type="dcterms:text"/>
            <xs:element name="conformsTo" type="dcterms:text"/>
            <xs:element name="spatial" type="dcterms:text"/>
            <xs:element name="temporal" type="dcterms:text"/>
            <xs:element name="audience" type="dcterms:text"/>
            <xs:element name="accrualMethod" type="dcterms:text"/>
            <xs:element name="accrualPeriodicity" type="dcterms:text"/>
            <xs:element name="accrualPolicy" type="dcterms:text"/>
            <xs:element name="instructionalMethod" type="dcterms:text"/>
            <xs:element name="provenance" type="dcterms:text"/>
            <xs:element name="rightsHolder" type="dcterms:text"/>
            <xs:element name="mediator" type="dcterms:text"/>
            <xs:element name="educationLevel" type="dcterms:text"/>
            <xs:element name="accessRights" type="dcterms:text"/>
            <xs:element name="license" type="dcterms:text"/>
            <xs:element name="bibliographicCitation" type="dcterms:text"/>

            <!-- No DCMI term, and left open by StratusLab. It is read as a text. -->
            <xs:element name="compression" type="dcterms:text"/>
        </xs:schema>

        """#

    private static let dc = #"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- SPDX-License-Identifier: Apache-2.0 -->
        <!-- Dublin Core 1.1: texts with an optional language. -->
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
            xmlns:dc="http://purl.org/dc/elements/1.1/"
            targetNamespace="http://purl.org/dc/elements/1.1/"
            elementFormDefault="qualified">
            <xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="xml.xsd"/>

            <xs:complexType name="text">
                <xs:simpleContent>
                    <xs:extension base="xs:string">
                        <xs:attribute ref="xml:lang"/>
                    </xs:extension>
                </xs:simpleContent>
            </xs:complexType>

            <xs:element name="title" type="dc:text"/>
            <xs:element name="creator" type="dc:text"/>
            <xs:element name="subject" type="dc:text"/>
            <xs:element name="description" type="dc:text"/>
            <xs:element name="publisher" type="dc:text"/>
            <xs:element name="contributor" type="dc:text"/>
            <xs:element name="date" type="dc:text"/>
            <xs:element name="type" type="dc:text"/>
            <xs:element name="format" type="dc:text"/>
            <xs:element name="identifier" type="dc:text"/>
            <xs:element name="source" type="dc:text"/>
            <xs:element name="language" type="dc:text"/>
            <xs:element name="relation" type="dc:text"/>
            <xs:element name="coverage" type="dc:text"/>
            <xs:element name="rights" type="dc:text"/>
        </xs:schema>

        """#

    private static let xml = #"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- SPDX-License-Identifier: Apache-2.0 -->
        <!-- The attributes of the xml prefix that metadata may have. -->
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
            targetNamespace="http://www.w3.org/XML/1998/namespace">
            <xs:attribute name="base" type="xs:anyURI"/>

            <xs:attribute name="lang">
                <xs:simpleType>
                    <xs:union memberTypes="xs:language">
                        <xs:simpleType>
                            <xs:restriction base="xs:string">
                                <xs:enumeration value=""/>
                            </xs:restriction>
                        </xs:simpleType>
                    </xs:union>
                </xs:simpleType>
            </xs:attribute>
        </xs:schema>

        """#

    private static let xmldsig = #"""
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- SPDX-License-Identifier: Apache-2.0 -->
        <!-- A signature as a whole: what is inside, the verification of signatures judges. -->
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
            targetNamespace="http://www.w3.org/2000/09/xmldsig#"
            elementFormDefault="qualified">
            <xs:element name="Signature">
                <xs:complexType mixed="true">
                    <xs:sequence>
                        <xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/>
                    </xs:sequence>
                    <xs:anyAttribute processContents="skip"/>
                </xs:complexType>
            </xs:element>
        </xs:schema>

        """#
}
