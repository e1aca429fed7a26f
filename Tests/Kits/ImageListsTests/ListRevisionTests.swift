// SPDX-License-Identifier: Apache-2.0
import Events
import ImageLists
import Testing

@Suite struct ListRevisionTests {
    private let cirros = Sample.entry("cirros", 1, at: 100)
    private let alpine = Sample.entry("alpine", 2, at: 100)

    private func listed() throws -> ListFiles { try Sample.files([[cirros, alpine]]) }

    @Test func aWithdrawalTakesTheEntryOutAndSaysWhy() throws {
        let withdrawal = Sample.revision(.withdrawn, of: cirros, 3, at: 200)
        let (files, verdicts) = try Sample.files(asking: [.revision(withdrawal)], from: listed())
        let catalogue = try Sample.catalogue(files)
        #expect(catalogue.list.entries == ["alpine": alpine])
        #expect(catalogue.list.serial == 3)
        let batch = try #require(catalogue.changelog.batches.last)
        #expect(verdicts == [withdrawal.publication: .done(batch)])
        var removed = cirros
        removed.withdrawnBy = withdrawal.publication
        removed.withdrawalReason = withdrawal.reason
        #expect(batch.removed == [removed])
        #expect(batch.added.isEmpty)
        #expect(batch.time.seconds == 200)
        let text = String(decoding: files.changelog, as: UTF8.self)
        #expect(text.contains("  withdrawn name=cirros "))
        #expect(text.contains(" reason=a%20hole%20=%20100%20%25%0Aserial%209\n"))
        #expect(catalogue.keptPublications == [alpine.publication])
    }

    @Test func aRenewalKeepsTheEntryUnderItsNewDocument() throws {
        let renewal = Sample.revision(.renewed, of: cirros, 3, at: 200)
        let (files, verdicts) = try Sample.files(asking: [.revision(renewal)], from: listed())
        let catalogue = try Sample.catalogue(files)
        var renewed = cirros
        renewed.publication = renewal.publication
        renewed.location = renewal.location
        renewed.documentSHA256 = renewal.documentSHA256
        #expect(catalogue.list.entries == ["alpine": alpine, "cirros": renewed])
        let batch = try #require(catalogue.changelog.batches.last)
        #expect(verdicts == [renewal.publication: .done(batch)])
        #expect(batch.added == [renewed] && batch.removed == [cirros])
        #expect(batch.isRenewed(renewed) && !batch.isRenewed(cirros))
        // The image belongs to the publication that listed it.
        let both = [renewal.publication, cirros.publication]
        #expect(catalogue.lineage(of: renewal.publication) == both)
        #expect(catalogue.keptPublications == Set(both + [alpine.publication]))
    }

    @Test(arguments: DocumentRevision.Change.allCases)
    func aRedeliveryFindsWhatWasDone(change: DocumentRevision.Change) throws {
        let revision = Sample.revision(change, of: cirros, 3, at: 200)
        let first = try Sample.files(asking: [.revision(revision)], from: listed())
        let again = try Sample.files(asking: [.revision(revision)], from: first.files)
        #expect(again.files == first.files)
        #expect(again.verdicts == first.verdicts)
        // What was listed is announced again as it was, whatever became of it.
        let listing = try Sample.files(asking: [.listing(cirros)], from: first.files)
        #expect(listing.files == first.files)
        guard case .done(let batch) = listing.verdicts[cirros.publication] else {
            Issue.record("not done")
            return
        }
        #expect(batch.added == [alpine, cirros])
        var forged = revision
        forged.identifier = alpine.identifier
        let conflict = try Sample.files(asking: [.revision(forged)], from: first.files)
        guard case .conflicting = conflict.verdicts[revision.publication] else {
            Issue.record("no conflict")
            return
        }
        #expect(conflict.files == first.files)
    }

    @Test(arguments: DocumentRevision.Change.allCases)
    func whatIsNotListedCannotBeRevised(change: DocumentRevision.Change) throws {
        let gone = Sample.revision(change, of: Sample.entry("gone", 9), 3, at: 200)
        var foreign = Sample.revision(change, of: cirros, 4, at: 200)
        foreign.endorserSubject = "CN=Mallory"
        let result = try Sample.files(
            asking: [.revision(gone), .revision(foreign)], from: listed())
        #expect(
            result.verdicts == [
                gone.publication: .notListed(other: nil),
                foreign.publication: .notListed(other: cirros),
            ])
        #expect(try result.files == listed())
    }

    @Test func anEntryOfAnOldListIsItsAddressOwners() throws {
        var old = cirros
        old.endorserSubject = nil
        var foreign = Sample.revision(.withdrawn, of: cirros, 3, at: 200)
        foreign.endorser = "mallory@example.org"
        let own = Sample.revision(.withdrawn, of: cirros, 4, at: 200)
        let files = try Sample.files([[old]])
        let refused = try Sample.files(asking: [.revision(foreign)], from: files)
        #expect(refused.verdicts == [foreign.publication: .notListed(other: old)])
        let done = try Sample.files(asking: [.revision(own)], from: files)
        #expect(try Sample.catalogue(done.files).list.entries.isEmpty)
        // Redelivered as a newer version reads its event, it is still the same publication.
        let again = try Sample.files(asking: [.listing(cirros)], from: files)
        #expect(again.files == files)
    }

    /// By name and by image, whenever it comes; a later request lists the image anew.
    @Test func whatWasAskedForBeforeAWithdrawalStaysOut() throws {
        let withdrawal = Sample.revision(.withdrawn, of: cirros, 3, at: 200)
        let out = try Sample.files(asking: [.revision(withdrawal)], from: listed()).files
        var twin = Sample.entry("other-name", 5, at: 150)
        twin.identifier = cirros.identifier
        for late in [Sample.entry("cirros", 4, at: 150), twin, Sample.entry("cirros", 6, at: 200)] {
            let result = try Sample.files(asking: [.listing(late)], from: out)
            #expect(result.verdicts == [late.publication: .superseded(by: withdrawal.publication)])
            let catalogue = try Sample.catalogue(result.files)
            #expect(catalogue.list.entries == ["alpine": alpine])
            // Read from the changelog, a second time.
            #expect(try Sample.files(asking: [.listing(late)], from: result.files) == result)
        }
        var anew = Sample.entry("cirros", 7, at: 201)
        anew.identifier = cirros.identifier
        let result = try Sample.files(asking: [.listing(anew)], from: out)
        #expect(try Sample.catalogue(result.files).list.entries["cirros"] == anew)
    }

    @Test func aRevisionOlderThanWhatIsListedIsSuperseded() throws {
        let early = Sample.revision(.withdrawn, of: cirros, 3, at: 99)
        let result = try Sample.files(asking: [.revision(early)], from: listed())
        #expect(result.verdicts == [early.publication: .superseded(by: cirros.publication)])
        let later = Sample.revision(.renewed, of: cirros, 4, at: 300)
        let late = Sample.revision(.renewed, of: cirros, 5, at: 200)
        let renewed = try Sample.files(asking: [.revision(later)], from: listed()).files
        let second = try Sample.files(asking: [.revision(late)], from: renewed)
        #expect(second.verdicts == [late.publication: .superseded(by: later.publication)])
        #expect(second.files == renewed)
        // A renewal does not keep a newer version of its name out.
        let version = Sample.entry("cirros", 6, at: 250)
        let replaced = try Sample.files(asking: [.listing(version)], from: renewed).files
        #expect(try Sample.catalogue(replaced).list.entries["cirros"] == version)
    }

    /// In whichever order they come, the withdrawal wins.
    @Test func aWithdrawnImageIsNotRenewed() throws {
        let withdrawal = Sample.revision(.withdrawn, of: cirros, 3, at: 200)
        for seconds in [150, 200, 250] as [Int64] {
            let renewal = Sample.revision(.renewed, of: cirros, 4, at: seconds)
            for order in [[withdrawal, renewal], [renewal, withdrawal]] {
                var files = try listed()
                for revision in order {
                    files = try Sample.files(asking: [.revision(revision)], from: files).files
                }
                #expect(try Sample.catalogue(files).list.entries == ["alpine": alpine])
            }
        }
    }

    @Test func oneBatchSettlesInTheOrderOfTheRequests() throws {
        var anew = Sample.entry("cirros", 7, at: 500)
        anew.identifier = cirros.identifier
        let renewal = Sample.revision(.renewed, of: alpine, 5, at: 350)
        let requests: [ListRequest] = [
            .listing(anew), .revision(Sample.revision(.withdrawn, of: cirros, 3, at: 400)),
            .revision(Sample.revision(.renewed, of: cirros, 4, at: 300)), .listing(cirros),
            .listing(alpine), .revision(renewal),
        ]
        let groups = ListRequest.groups(of: requests)
        #expect(groups.map(\.count) == [2, 2, 1, 1])
        let (files, verdicts) = try Sample.files(asking: requests)
        let catalogue = try Sample.catalogue(files)
        #expect(catalogue.list.entries["cirros"] == anew)
        #expect(catalogue.list.entries["alpine"]?.publication == renewal.publication)
        #expect(catalogue.serial == 6 && catalogue.changelog.batches.count == 4)
        #expect(verdicts.count == 6)
        for verdict in verdicts.values {
            guard case .done = verdict else {
                Issue.record("\(verdict)")
                continue
            }
        }
        #expect(try Sample.files(asking: requests, from: files).files == files)
    }

    /// One image under two names: both go, both stay.
    @Test func allNamesOfAnImageAreRevised() throws {
        var twin = Sample.entry("twin", 5, at: 100)
        twin.identifier = cirros.identifier
        let files = try Sample.files([[cirros, twin, alpine]])
        let renewal = Sample.revision(.renewed, of: cirros, 3, at: 200)
        let renewed = try Sample.files(asking: [.revision(renewal)], from: files).files
        let catalogue = try Sample.catalogue(renewed)
        #expect(catalogue.list.serial == 4)
        #expect(catalogue.list.entries.values.count { $0.location == renewal.location } == 2)
        #expect(
            Set(catalogue.lineage(of: renewal.publication))
                == [renewal.publication, cirros.publication, twin.publication])
        let withdrawal = Sample.revision(.withdrawn, of: cirros, 4, at: 300)
        let left = try Sample.files(asking: [.revision(withdrawal)], from: renewed).files
        #expect(try Sample.catalogue(left).list.entries == ["alpine": alpine])
    }

    @Test(arguments: [
        "  withdrawn", "  renewed", "  withdrawn name=a by=x at=2026-01-01T00:00:00Z reason=x",
    ])
    func aBrokenLineIsNamed(line: String) throws {
        var files = try listed()
        files.changelog += Array(line.utf8) + [10]
        #expect(throws: ImageListsError.self) { try Sample.catalogue(files) }
        let withdrawal = Sample.revision(.withdrawn, of: cirros, 3, at: 200)
        let good = try Sample.files(asking: [.revision(withdrawal)], from: listed()).files
        let text = String(decoding: good.changelog, as: UTF8.self)
        for part in [" by=\(withdrawal.publication)", " at=\(withdrawal.requestTime)", " reason="] {
            let changelog = Array(text.replacing(part, with: " x=").utf8)
            #expect(throws: ImageListsError.self) {
                try Sample.catalogue(ListFiles(list: good.list, changelog: changelog))
            }
        }
    }
}
