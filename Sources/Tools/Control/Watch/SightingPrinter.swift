// SPDX-License-Identifier: Apache-2.0
import Events
import Pipeline

/// Prints sightings as lines for people, with a bar for long jobs, or as lines of JSON.
struct SightingPrinter {
    let isJSON: Bool
    private var progress = ProgressLine(isInteractive: Terminal.isInteractive)

    init(isJSON: Bool) {
        self.isJSON = isJSON
    }

    mutating func print(_ sighting: Sighting) throws {
        if isJSON {
            Terminal.line(try sighting.json())
            return
        }
        switch sighting {
        case .event(let event):
            if event.type == .imageProgress, let section = try? event.section(Progress.self) {
                progress.show(section)
                return
            }
            progress.clear()
            Terminal.line(EventLine.text(event))
        case .deadLetter(let letter):
            progress.clear()
            Terminal.line(EventLine.text(letter))
        }
    }
}
