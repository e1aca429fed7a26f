// SPDX-License-Identifier: Apache-2.0
import Attestation
import BlobStore
import Events
import Files
import FoundationEssentials
import Glibc
import Pipeline
import Signatures
import Threads

/// The making of one modified image, from the verified bytes to a new blob.
struct ImageModification {
    let config: ModifierConfig
    let facts: EventFacts
    let event: Event
    let context: HandlerContext

    /// Kept free for putting the image into the store.
    private static let reserveMax: Duration = .seconds(60)

    /// - Throws: ``Refusal`` when the image or a modification is at fault.
    func run() async throws -> Modified {
        let plan = ModificationPlan(facts.request.modifications ?? [])
        let left = context.deadline - .now
        let eventEnd = context.deadline - min(Self.reserveMax, left / 10)
        let ownEnd = ContinuousClock.now + config.timeMax
        let room = try await OwnThread.run { [config] in
            try WorkRoom(in: config.workDirectory)
        }
        let programs = GuestPrograms(
            config: config, room: room, end: min(ownEnd, eventEnd),
            endsWithEvent: eventEnd < ownEnd)
        let format = facts.request.source.format
        await report("copy", 0)
        try await prepare(plan, programs)
        await report("modify", facts.fetched.uncompressed.size)
        try await apply(plan, format, programs)
        var final = (path: "\(room.disk)/image", format: format)
        if let (_, form) = plan.convert {
            try await programs.convert(format, into: form)
            final = ("\(room.result)/image", form.format)
        }
        // What the programs made of it, other programs will open.
        _ = try await SourceImage.checkedSize(
            of: final.path, as: final.format, diskSizeMax: config.diskSizeMax)
        let modified = try await stored(final.path, final.format, tools(plan))
        return withExtendedLifetime(room) { modified }
    }

    /// A private copy of the disk, of its new size already.
    private func prepare(_ plan: ModificationPlan, _ programs: GuestPrograms) async throws {
        let format = facts.request.source.format
        let source = try await SourceImage(
            facts, store: context.store, unpackingTo: "\(programs.room.source)/image",
            diskSizeMax: config.diskSizeMax, until: programs.end)
        if let (step, size) = plan.resize {
            let problem: String? =
                if size < source.virtualSize {
                    "a disk of \(source.virtualSize) bytes cannot be made smaller"
                } else if size > config.diskSizeMax {
                    "at most \(config.diskSizeMax) bytes are allowed here"
                } else {
                    nil
                }
            if let problem {
                throw Refusal(
                    "modification-failed", "modification \(step.number) (resize): \(problem)",
                    ["step": "\(step.number)", "operation": "resize"])
            }
        }
        try await programs.copy(source.path, format)
        withExtendedLifetime(source) {}
        if let (_, size) = plan.resize, size > source.virtualSize {
            try await programs.resize(format, to: size)
        }
    }

    private func apply(
        _ plan: ModificationPlan, _ format: ImageRequest.Format, _ programs: GuestPrograms
    ) async throws {
        guard !plan.runs.isEmpty else { return }
        let appliance = try await Appliance(
            configured: config.appliance, workDirectory: config.workDirectory
        ).directory(until: programs.end)
        let uploads = try await uploads()
        for run in plan.runs {
            switch run {
            case .script(let steps):
                try await programs.apply(
                    steps, uploads: uploads, format, appliance: appliance)
            case .sysprep(let step, let operations):
                try await programs.sysprep(step, operations, format, appliance: appliance)
            }
        }
    }

    /// The paths of the files to upload, by the number of their modification; their bytes are those
    /// that the request names.
    private func uploads() async throws -> [Int: String] {
        var files = (facts.fetched.files ?? [])[...]
        var paths: [Int: String] = [:]
        for (index, modification) in (facts.request.modifications ?? []).enumerated() {
            guard case .upload = modification, let file = files.popFirst() else { continue }
            _ = try await context.store.digests(of: file.blob)
            paths[index + 1] = try context.store.path(of: file.blob)
        }
        return paths
    }

    /// Copies the finished image into the store's file system, computing its digests on the way,
    /// and makes it a blob of the publication.
    private func stored(
        _ path: String, _ format: ImageRequest.Format, _ tools: [Tool]
    ) async throws -> Modified {
        let partial = context.store.partialPath("modified-\(UUID().uuidString.lowercased())")
        let copy = try StoredCopy(to: partial)
        let content = try await copy.take(path)
        let blob = BlobReference(sha256: content.digests.sha256, size: content.size)
        try await context.store.adopt(partial: partial, as: blob, for: event.publication)
        withExtendedLifetime(copy) {}
        return Modified(
            source: facts.verified.blob, blob: blob, digests: content.digests, format: format,
            compression: .none, uncompressed: content, steps: try steps(), tools: tools)
    }

    private func steps() throws -> [Modified.Step] {
        try (facts.request.modifications ?? []).map { modification in
            Modified.Step(
                operation: modification.operation,
                sha256: try CanonicalJSON.sha256(encoding: modification))
        }
    }

    private func tools(_ plan: ModificationPlan) async throws -> [Tool] {
        var tools = [try await ToolVersion.qemuImg.tool()]
        let isScripted = plan.runs.contains { if case .script = $0 { true } else { false } }
        if isScripted { tools.append(try await ToolVersion.libguestfs.tool()) }
        let isPrepared = plan.runs.contains { if case .sysprep = $0 { true } else { false } }
        if isPrepared { tools.append(try await ToolVersion.virtSysprep.tool()) }
        return tools.sorted { $0.name < $1.name }
    }

    private func report(_ activity: String, _ bytes: Int) async {
        await context.report(
            Progress(
                stage: .modifier, activity: activity, bytes: bytes,
                bytesTotal: facts.fetched.uncompressed.size), for: event)
    }
}
