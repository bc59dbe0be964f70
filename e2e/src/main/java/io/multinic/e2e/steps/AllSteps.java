package io.multinic.e2e.steps;

import io.multinic.e2e.harness.Schedule;
import java.util.ArrayList;

/// All steps of the end-to-end test in the order in which they run.
public final class AllSteps {
    private static final String FIRST_PLUGIN = "macvlan";
    private static final String SECOND_PLUGIN = "ptp";

    private AllSteps() {}

    public static Schedule schedule(StepContext context) {
        var networks = new NetworkSteps(context);
        var pods = new PodSteps(context);
        var otherIpam = new OtherIpamSteps(context, SECOND_PLUGIN);
        var disturbances = new DisturbanceSteps(context, SECOND_PLUGIN);
        var steps = new ArrayList<>(new InstallSteps(context).steps());
        steps.add(networks.badNetwork());
        steps.add(networks.ready(FIRST_PLUGIN));
        steps.add(pods.attached(FIRST_PLUGIN, 30));
        steps.add(pods.reachable(FIRST_PLUGIN));
        steps.add(pods.scaledDownWithGrace(FIRST_PLUGIN));
        steps.add(pods.scaledDownWithoutGrace(FIRST_PLUGIN));
        steps.add(networks.deleted(FIRST_PLUGIN));
        steps.add(networks.ready(SECOND_PLUGIN));
        steps.add(pods.attached(SECOND_PLUGIN, 1));
        steps.add(pods.reachable(SECOND_PLUGIN));
        steps.add(pods.jsonAnnotation(SECOND_PLUGIN));
        steps.add(pods.readableError(SECOND_PLUGIN));
        steps.add(new StartTimeSteps(context, SECOND_PLUGIN).step());
        steps.addAll(new ControllerSteps(context, SECOND_PLUGIN).steps());
        steps.add(otherIpam.attached());
        steps.addAll(disturbances.agents());
        steps.add(otherIpam.released());
        steps.addAll(disturbances.others());
        steps.addAll(new RemovalSteps(context, networks, SECOND_PLUGIN).steps());
        return new Schedule(steps);
    }
}
